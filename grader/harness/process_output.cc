#include "grader/harness/process_output.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <utility>

namespace kit {
namespace {

void wait_for_change(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                     Deadline deadline) {
  changed.wait_for(lock, std::chrono::milliseconds(std::max(1, deadline.remaining_ms())));
}

}  // namespace

Process::Output::Output(UniqueFd out, UniqueFd err, std::function<void()> on_flood,
                        std::function<void(const Crash&)> on_crash)
    : on_flood_(std::move(on_flood)),
      on_crash_(std::move(on_crash)),
      fds_{std::move(out), std::move(err)},
      wake_(make_pipe()) {
  thread_ = std::thread([this] { read_all(); });
}

void Process::Output::stop() {
  wake_.write_end.reset();
  if (thread_.joinable()) thread_.join();
}

std::string Process::Output::text(int stream) const {
  std::lock_guard lock(mutex_);
  return buffers_[stream].text();
}

bool Process::Output::flooded() const {
  std::lock_guard lock(mutex_);
  return std::max(buffers_[0].total(), buffers_[1].total()) > kFloodBytes;
}

void Process::Output::catch_up(Deadline deadline) {
  std::unique_lock lock(mutex_);
  while (!ended_ && !deadline.expired() && (has_input(0) || has_input(1))) {
    wait_for_change(changed_, lock, deadline);
  }
}

bool Process::Output::wait(int stream, const std::function<bool(const std::string&)>& done,
                           Deadline deadline) {
  std::unique_lock lock(mutex_);
  while (!done(buffers_[stream].text())) {
    if (ended_ || deadline.expired()) return false;
    wait_for_change(changed_, lock, deadline);
  }
  return true;
}

bool Process::Output::has_input(int stream) const {
  pollfd entry = {fds_[stream].get(), POLLIN, 0};
  return poll(&entry, 1, 0) > 0 && (entry.revents & POLLIN) != 0;
}

void Process::Output::read_all() {
  bool open[2] = {true, true};
  while (open[0] || open[1]) {
    pollfd fds[3] = {{open[0] ? fds_[0].get() : -1, POLLIN, 0},
                     {open[1] ? fds_[1].get() : -1, POLLIN, 0},
                     {wake_.read_end.get(), POLLIN, 0}};
    if (poll(fds, 3, -1) < 0 && errno != EINTR) break;
    bool got_any = false;
    for (int i = 0; i < 2; ++i) {
      if (fds[i].revents == 0) continue;
      open[i] = read_some(i);
      got_any = true;
    }
    // Stopped: what has been printed by now is still read, but nobody is waited for.
    if (fds[2].revents != 0 && !got_any) break;
  }
  std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

bool Process::Output::read_some(int stream) {
  char buffer[16384];
  // Held while reading, so that what is no longer in the pipe is in the buffer (catch_up).
  std::unique_lock lock(mutex_);
  const ssize_t got = read(fds_[stream].get(), buffer, sizeof buffer);
  if (got < 0) return errno == EINTR;
  if (got == 0) return false;
  const std::string_view bytes(buffer, static_cast<std::size_t>(got));
  buffers_[stream].append(bytes);
  const bool flooded = buffers_[stream].total() > kFloodBytes;
  changed_.notify_all();
  lock.unlock();
  if (flooded) on_flood_();
  if (stream == 1) {
    for (const Crash& crash : crash_lines_.feed(bytes)) on_crash_(crash);
  }
  return true;
}

}  // namespace kit
