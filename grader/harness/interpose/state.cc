#include "grader/harness/interpose/state.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "grader/harness/interpose/crash.h"
#include "grader/harness/interpose/real.h"
#include "grader/harness/interpose/watch.h"

namespace kit {

constinit Options options;
thread_local constinit ThreadState thread_state __attribute__((tls_model("initial-exec")));

namespace {

thread_local constinit int finding __attribute__((tls_model("initial-exec"))) = 0;

// Reads "<number>" or "<number>:..."; returns what follows, or null if there is no number.
const char* parse_number(const char* text, std::uint64_t& number) {
  if (text == nullptr || *text < '0' || *text > '9') return nullptr;
  char* end = nullptr;
  number = strtoull(text, &end, 10);
  return end;
}

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  std::uint64_t number = 0;
  const char* end = parse_number(getenv(variable), number);
  return end != nullptr && *end == '\0' ? number : otherwise;
}

std::uint32_t percent_from(const char* variable) {
  const std::uint64_t percent = number_from(variable, 0);
  return percent > 100 ? 100 : static_cast<std::uint32_t>(percent);
}

void read_perturb() {
  std::uint64_t delay_us = 0;
  const char* rest = parse_number(getenv("KIT_PERTURB"), options.seed);
  if (rest == nullptr || *rest != ':') return;
  const char* end = parse_number(rest + 1, delay_us);
  if (end == nullptr || *end != '\0') return;
  options.perturb = true;
  // A second is far more than any delay that makes sense, and fits a timespec.
  options.max_delay_us = delay_us > 999'999 ? 999'999 : static_cast<std::uint32_t>(delay_us);
}

// splitmix64: neighbouring seeds and lineages give sequences that have nothing in common.
std::uint64_t mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

// Lets a harness that did not start this process itself (a daemon's) take its stacks, where Yama
// allows that to parents only (prctl(2)). Fails where there is no Yama: nothing is in the way then.
void allow_stacks_from_outside() {
  static_cast<void>(prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0));
}

// fork(2) copies the caller's state: without this, parent and child would make the same choices.
void before_fork() { ++thread_state.children; }

void in_forked_child() {
  thread_state.lineage = mix(thread_state.lineage ^ mix(thread_state.children));
  thread_state.children = 0;
  thread_state.random = 0;
  allow_stacks_from_outside();
}

__attribute__((constructor)) void load() {
  const Inside inside;
  read_perturb();
  options.short_io_percent = percent_from("KIT_SHORT_IO");
  options.eintr_percent = percent_from("KIT_EINTR");
  options.watch_delays = number_from("KIT_WATCH_DELAYS", 0) == 1;
  options.watch_locks = number_from("KIT_WATCH_LOCKS", 1) == 1;
  options.crash_stop = number_from("KIT_CRASH_STOP", 1) == 1;
  start_watch(getenv("KIT_WATCH_FD"));
  start_crash_stop();
  allow_stacks_from_outside();
  // It fails only without memory, and then a child makes its parent's choices: no harm.
  static_cast<void>(pthread_atfork(before_fork, nullptr, in_forked_child));
}

}  // namespace

std::uint64_t child_lineage() { return mix(thread_state.lineage ^ mix(++thread_state.children)); }

std::uint64_t next_random() {
  std::uint64_t state = thread_state.random;
  if (state == 0) state = mix(options.seed ^ mix(thread_state.lineage)) | 1;
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  thread_state.random = state;
  return state * 0x2545f4914f6cdd1d;
}

void* find_real(const char* name) {
  ++finding;
  void* found = dlsym(RTLD_NEXT, name);
  --finding;
  if (found != nullptr) return found;
  constexpr char kMessage[] = "kit: the C library lacks ";
  static_cast<void>(!write(STDERR_FILENO, kMessage, sizeof(kMessage) - 1));
  static_cast<void>(!write(STDERR_FILENO, name, strlen(name)));
  _exit(70);
}

bool finding_real() { return finding > 0; }

}  // namespace kit
