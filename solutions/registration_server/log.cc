#include "log.h"

#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <exception>

#include "labs/support/deadline.h"
#include "labs/support/error.h"

namespace registration {

//~ begin step 5: Open the file and start the thread. Functions of your own can stand here, too.
//~| Log::Log(const std::string& path) { (void)path; }
namespace {

// How long lines come together before they are written: one call of the kernel for many of them.
constexpr std::chrono::milliseconds kGather(20);

// More than this is not kept while the lines cannot be written as fast as they come.
constexpr std::size_t kMaxWaitingBytes = 16 << 20;

// What a pipe takes at once or not at all; and how long it all may take, when nobody reads it.
constexpr std::size_t kPieceBytes = 4096;
constexpr std::int64_t kWriteMs = 2000;
constexpr std::chrono::milliseconds kFlush(3 * kWriteMs);  // what is being written, and what waits

support::UniqueFd open_log(const std::string& path) {
  // O_NONBLOCK: a named pipe that nobody reads is refused, and does not make us wait for a reader.
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  if (path.empty()) return support::UniqueFd();
  support::UniqueFd fd(::open(path.c_str(), kFlags, 0644));
  if (!fd) support::throw_errno("open the log " + path);
  return fd;
}

const char* level_text(Log::Level level) {
  if (level == Log::Level::kError) return "ERROR";
  return level == Log::Level::kWarning ? "WARNING" : "INFO";
}

// "2026-11-20T11:06:10", made once a second: the calendar costs more than all the rest of a line.
const char* second_text(time_t second) {
  thread_local time_t t_second = -1;
  thread_local char t_text[32] = "";
  if (second == t_second) return t_text;
  tm parts{};
  if (::gmtime_r(&second, &parts) == nullptr) return "?";
  if (::strftime(t_text, sizeof t_text, "%Y-%m-%dT%H:%M:%S", &parts) == 0) return "?";
  t_second = second;
  return t_text;
}

// The time and the level, in front of each line. Digit by digit: this is done for every line, and
// snprintf() takes as long as all the rest.
void append_start(Log::Level level, std::string& lines) {
  timespec now{};
  static_cast<void>(::clock_gettime(CLOCK_REALTIME, &now));
  char digits[] = ".000000Z ";
  long rest = now.tv_nsec / 1000;
  for (char* digit = digits + 6; digit > digits; --digit, rest /= 10) {
    *digit = static_cast<char>('0' + rest % 10);
  }
  lines.append(second_text(now.tv_sec)).append(digits).append(level_text(level)).push_back(' ');
}

// Printable, and without a meaning of its own in a line of word=value.
bool is_plain(unsigned char c) { return ' ' < c && c <= '~' && c != '=' && c != '\\'; }

}  // namespace

Log::Log(const std::string& path) : fd_(open_log(path)), writer_(&Log::run, this) {}
//~ end

Log::~Log() {
  //~ begin step 5: The thread writes what is left, and ends.
  {
    std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  has_lines_.notify_one();
  writer_.join();
  //~ end
}

void Log::write(Level level, Pieces pieces) noexcept {
  //~ begin step 5: Make the line, and put it into the buffer. The time is part of the order: take it
  //~   where nobody can come in between.
  //~| (void)level;
  //~| (void)pieces;
  try {
    bool was_empty;
    {
      std::lock_guard lock(mutex_);
      if (lines_.size() > kMaxWaitingBytes) return;
      was_empty = lines_.empty();
      append_start(level, lines_);
      for (std::string_view piece : pieces) lines_.append(piece);
      lines_.push_back('\n');
      ++added_;
    }
    // Whoever finds lines there knows that the thread was woken for them already.
    if (was_empty) has_lines_.notify_one();
  } catch (const std::exception&) {
    // Out of memory: the line is lost.
  }
  //~ end
}

void Log::flush() noexcept {
  //~ begin step 5: Let the thread hurry, and wait until it has written.
  std::unique_lock lock(mutex_);
  is_hurried_ = true;
  has_lines_.notify_one();
  // Not until there is nothing left: while clients ask, there is always more.
  std::uint64_t last = added_;
  is_written_.wait_for(lock, kFlush, [this, last] { return written_ >= last; });
  //~ end
}

std::string Log::value(std::string_view bytes) {
  //~ begin step 5: Byte by byte.
  //~| return std::string(bytes);
  std::string text;
  for (unsigned char c : bytes) {
    char hex[5];
    static_cast<void>(std::snprintf(hex, sizeof hex, "\\x%02x", c));
    text += is_plain(c) ? std::string(1, static_cast<char>(c)) : hex;
  }
  return text;
  //~ end
}

//~ begin step 5: The thread.
void Log::run() {
  // Two buffers in turns: one is filled while the other is written. A new one each time would be
  // paid for by the workers, with a page fault for every page of it.
  std::string lines;
  std::unique_lock lock(mutex_);
  for (;;) {
    has_lines_.wait(lock, [this] { return !lines_.empty() || is_ending_; });
    has_lines_.wait_for(lock, kGather, [this] { return is_hurried_ || is_ending_; });
    lines.clear();
    lines.swap(lines_);
    std::uint64_t last = added_;
    is_hurried_ = false;
    lock.unlock();
    write_out(lines);
    lock.lock();
    written_ = last;
    is_written_.notify_all();
    if (is_ending_ && lines_.empty()) return;
  }
}

// A full disk, or a pipe that nobody reads: there is nobody to tell, and no reason to stop or to
// wait for long.
void Log::write_out(std::string_view bytes) noexcept {
  int fd = fd_ ? fd_.get() : STDERR_FILENO;
  support::Deadline deadline = support::Deadline::after_ms(kWriteMs);
  while (!bytes.empty()) {
    if (!support::wait_for(fd, POLLOUT, deadline)) return;
    ssize_t count = ::write(fd, bytes.data(), std::min(bytes.size(), kPieceBytes));
    if (count < 0 && errno != EINTR && errno != EAGAIN) return;
    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}
//~ end

}  // namespace registration
