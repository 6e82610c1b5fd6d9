#include "grader/harness/watch_events.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <charconv>
#include <system_error>
#include <utility>

#include "grader/harness/command.h"
#include "grader/harness/deadline.h"

namespace kit {
namespace {

// More than all events that the library tells of a process, many times over.
constexpr std::size_t kMaxBytes = std::size_t{16} << 20;

[[noreturn]] void throw_errno(const char* call) {
  throw std::system_error(errno, std::generic_category(), call);
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 0;
}

std::string unescaped(std::string_view word) {
  std::string text;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word.substr(i, 2) == "\\x" && i + 3 < word.size()) {
      text += static_cast<char>(hex_digit(word[i + 2]) * 16 + hex_digit(word[i + 3]));
      i += 3;
    } else {
      text += word[i];
    }
  }
  return text;
}

template <class Number>
bool parse(const std::string& text, Number& number) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end;
}

// "<file>+0x1,0x2", or "-".
WatchSite site_of(const std::string& word) {
  const std::size_t plus = word.rfind('+');
  if (plus == std::string::npos) return {};
  return {unescaped(std::string_view(word).substr(0, plus)),
          split(std::string_view(word).substr(plus + 1), ',')};
}

// Takes the last three words: every event ends in them.
bool take_who_and_when(std::vector<std::string>& words, WatchEvent& event) {
  if (words.size() < 5) return false;
  const std::size_t first = words.size() - 3;
  const bool good = parse(words[first], event.pid) && parse(words[first + 1], event.tid) &&
                    parse(words[first + 2], event.time_ns);
  words.resize(first);
  return good;
}

}  // namespace

std::optional<WatchEvent> parse_watch_event(std::string_view line) {
  std::vector<std::string> words = split(line, ' ');
  WatchEvent event;
  if (!take_who_and_when(words, event)) return std::nullopt;
  event.kind = words[0];
  event.value = unescaped(words[1]);
  if (event.kind == "delay") {
    event.rest.assign(words.begin() + 2, words.end());
    return event;
  }
  if (words.size() > 2) event.site = site_of(words[2]);
  if (words.size() > 3) event.lock_site = site_of(words[3]);
  return event;
}

std::vector<std::string> lines_of(const WatchSite& site) {
  if (site.offsets.empty()) return {};
  std::vector<std::string> argv = {"addr2line", "-i", "-e", site.file};
  argv.insert(argv.end(), site.offsets.begin(), site.offsets.end());
  const CommandResult result = run_command(argv, Deadline::after_ms(10'000));
  std::vector<std::string> lines;
  for (std::string& line : split(result.out, '\n')) {
    line = line.substr(0, line.find(" (discriminator"));
    // "??:0" and "file.cc:?" are addr2line's ways to say that it does not know.
    if (!line.empty() && line[0] != '?' && line.back() != '?') lines.push_back(std::move(line));
  }
  return lines;
}

WatchPipe::WatchPipe() : wake_(eventfd(0, EFD_CLOEXEC)) {
  int ends[2];
  if (!wake_.valid()) throw_errno("eventfd");
  if (pipe2(ends, O_CLOEXEC) != 0) throw_errno("pipe2");
  read_end_.reset(ends[0]);
  write_end_.reset(ends[1]);
  reader_ = std::thread([this] { read_all(); });
}

WatchPipe::~WatchPipe() { stop(); }

void WatchPipe::stop() {
  if (!reader_.joinable()) return;
  // An eventfd's counter has room for this one.
  static_cast<void>(eventfd_write(wake_.get(), 1));
  reader_.join();
}

// The end of file cannot be waited for: our own writing end is open, and a daemon's may stay so.
// So it ends when it is woken and has read what was there.
void WatchPipe::read_all() {
  while (true) {
    pollfd entries[] = {{read_end_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}};
    if (poll(entries, 2, -1) < 0) {
      if (errno == EINTR) continue;
      return;
    }
    if ((entries[0].revents & POLLIN) == 0) return;
    char bytes[16 * 1024];
    const ssize_t count = read(read_end_.get(), bytes, sizeof(bytes));
    if (count <= 0) return;
    const std::lock_guard guard(mutex_);
    if (text_.size() < kMaxBytes) text_.append(bytes, static_cast<std::size_t>(count));
  }
}

std::vector<WatchEvent> WatchPipe::events() {
  std::vector<WatchEvent> events;
  const std::lock_guard guard(mutex_);
  const std::string_view whole(text_.data(), text_.rfind('\n') + 1);
  for (const std::string& line : split(whole, '\n')) {
    if (std::optional<WatchEvent> event = parse_watch_event(line)) {
      events.push_back(std::move(*event));
    }
  }
  return events;
}

std::vector<WatchEvent> WatchPipe::finish() {
  stop();
  return events();
}

}  // namespace kit
