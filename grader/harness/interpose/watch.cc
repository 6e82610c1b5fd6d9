#include "grader/harness/interpose/watch.h"

#include <errno.h>
#include <execinfo.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "grader/harness/interpose/modules.h"
#include "grader/harness/interpose/syscall.h"
#include "grader/harness/interpose/text.h"

namespace kit {
namespace {

constexpr std::uint32_t kMaxPerKind = 32;
constexpr int kMaxFrames = 48;
constexpr std::uint32_t kMaxHeld = sizeof(ThreadState::held) / sizeof(HeldLock);

constinit int watch_fd = -1;
constinit dev_t watch_device = 0;
constinit ino_t watch_inode = 0;

// Separate from `options`, and only ever loaded and stored, never added to in one step: see
// watch.h.
constinit std::uint32_t told[5] = {};

bool may_tell(int kind) {
  const std::uint32_t count = __atomic_load_n(&told[kind], __ATOMIC_RELAXED);
  if (count >= kMaxPerKind) return false;
  __atomic_store_n(&told[kind], count + 1, __ATOMIC_RELAXED);
  return true;
}

// The number may be another file's by now, and a full or closed pipe must neither block the subject
// nor kill it by SIGPIPE.
bool pipe_takes_a_line() {
  struct stat status = {};
  if (fstat(watch_fd, &status) != 0) return false;
  if (status.st_dev != watch_device || status.st_ino != watch_inode) return false;
  pollfd entry = {watch_fd, POLLOUT, 0};
  return poll(&entry, 1, 0) == 1 && entry.revents == POLLOUT;
}

void send_line(Text& text) {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  text.add(" ").add_number(static_cast<std::uint64_t>(getpid()));
  text.add(" ").add_number(static_cast<std::uint64_t>(gettid()));
  text.add(" ").add_number(static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
                           static_cast<std::uint64_t>(now.tv_nsec));
  text.end_line();
  if (!pipe_takes_a_line()) return;
  // By system call: ours stands in front of write(2), and a subject may define one too.
  system_call(SYS_write, watch_fd, reinterpret_cast<long>(text.data()),
              static_cast<long>(text.size()));
}

std::uintptr_t call_offset(const Module& module, const void* return_address) {
  return reinterpret_cast<std::uintptr_t>(return_address) - 1 - module.base;
}

void add_site(Text& text, const void* return_address) {
  const Module* module = subject_module(return_address);
  if (module == nullptr) {
    text.add("-");
  } else {
    text.add_word(module->path).add("+0x").add_number(call_offset(*module, return_address), 16);
  }
}

void add_site(Text& text, const Call& call) {
  const Module* module = call.count > 0 ? subject_module(call.frames[0]) : nullptr;
  if (module == nullptr) {
    text.add("-");
    return;
  }
  add_site(text, call.frames[0]);
  for (int i = 1; i < call.count; ++i) {
    text.add(",0x").add_number(call_offset(*module, call.frames[i]), 16);
  }
}

const void* newest_lock_site() {
  const std::uint32_t kept =
      thread_state.held_count < kMaxHeld ? thread_state.held_count : kMaxHeld;
  return thread_state.held[kept - 1].site;
}

void send_shared_ssl(const Call& call) {
  Text text;
  text.add("ssl-shared ").add(call.name).add(" ");
  add_site(text, call);
  send_line(text);
}

}  // namespace

bool watching() { return watch_fd >= 0; }

void start_watch(const char* fd_text) {
  if (fd_text == nullptr || *fd_text < '0' || *fd_text > '9') return;
  const int fd = static_cast<int>(strtol(fd_text, nullptr, 10));
  struct stat status = {};
  if (fstat(fd, &status) != 0 || !S_ISFIFO(status.st_mode)) return;
  watch_device = status.st_dev;
  watch_inode = status.st_ino;
  read_modules();
  // Its first call loads the unwinder, which takes locks and memory: now, not in a watched thread.
  void* frame[1];
  static_cast<void>(backtrace(frame, 1));
  watch_fd = fd;
}

void lock_taken(const void* lock, const void* caller) {
  if (!watching() || !options.watch_locks || thread_state.inside > 0) return;
  if (subject_module(caller) == nullptr) return;
  if (thread_state.held_count < kMaxHeld) {
    thread_state.held[thread_state.held_count] = {lock, caller};
  }
  ++thread_state.held_count;
}

void lock_released(const void* lock) {
  const std::uint32_t count = thread_state.held_count;
  // More are held than are kept: which one this is cannot be known, so the newest goes.
  if (count > kMaxHeld) {
    --thread_state.held_count;
    return;
  }
  for (std::uint32_t i = count; i-- > 0;) {
    if (thread_state.held[i].lock != lock) continue;
    for (; i + 1 < count; ++i) thread_state.held[i] = thread_state.held[i + 1];
    --thread_state.held_count;
    return;
  }
}

// The frames of the file that the innermost frame of the subject lies in.
Call this_call(const char* name) {
  const Inside inside;
  Call call = {name, {}, 0};
  void* frames[kMaxFrames];
  const int count = backtrace(frames, kMaxFrames);
  const Module* module = nullptr;
  for (int i = 0; i < count && call.count < Call::kMaxFrames; ++i) {
    const Module* here = subject_module(frames[i]);
    if (here == nullptr || (module != nullptr && here != module)) continue;
    module = here;
    call.frames[call.count++] = frames[i];
  }
  return call;
}

void report_under_lock(UnderLock kind, std::uint64_t value) {
  constexpr const char* kNames[] = {"alloc-under-lock", "free-under-lock", "send-under-lock"};
  const int index = static_cast<int>(kind);
  if (!may_tell(index)) return;
  const int kept = errno;
  const Inside inside;
  Text text;
  text.add(kNames[index]).add(" ").add_number(value).add(" ");
  add_site(text, this_call(kNames[index]));
  text.add(" ");
  add_site(text, newest_lock_site());
  send_line(text);
  errno = kept;
}

void report_object(const char* call, const char* name) {
  if (!watching() || thread_state.inside > 0 || !may_tell(3)) return;
  const int kept = errno;
  const Inside inside;
  Text text;
  text.add(call).add(" ").add_word(name).add(" ");
  add_site(text, this_call(call));
  send_line(text);
  errno = kept;
}

void report_shared_ssl(const Call& here, const Call& there) {
  if (thread_state.inside > 0 || !may_tell(4)) return;
  const int kept = errno;
  const Inside inside;
  send_shared_ssl(here);
  send_shared_ssl(there);
  errno = kept;
}

void report_delay(int time_us) {
  if (!watching()) return;
  Text text;
  text.add(time_us < 0 ? "delay -" : "delay ");
  text.add_number(static_cast<std::uint64_t>(time_us < 0 ? -time_us : time_us));
  text.add(" ").add_number(thread_state.delays);
  text.add(" ").add_number(thread_state.lineage, 16);
  send_line(text);
}

}  // namespace kit
