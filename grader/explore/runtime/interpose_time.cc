// Virtual time. All clocks show the same: a fixed day, and what has passed since the run began. It
// goes on when nobody can do anything but wait, and a little with each look, so that a loop which
// looks at the clock until it is late comes to an end. What the processor has spent is the same
// time.
#include <errno.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "grader/explore/runtime/finish.h"
#include "grader/explore/runtime/locks.h"
#include "grader/explore/runtime/raw.h"
#include "grader/explore/runtime/scheduler.h"
#include "grader/explore/runtime/trace.h"

namespace kit::explore {
namespace {

constexpr std::uint64_t kSecondNs = 1'000'000'000;
constexpr std::uint64_t kBeginNs = 1'700'000'000 * kSecondNs;
constexpr std::uint64_t kLookNs = 1'000;
constexpr std::uint32_t kLooksPerDoubling = 64;  // who looks again and again has nothing else to do
constexpr std::uint32_t kMaxDoublings = 16;

std::uint64_t look() {
  std::uint32_t doublings = g_world->time_reads++ / kLooksPerDoubling;
  if (doublings > kMaxDoublings) doublings = kMaxDoublings;
  g_world->now_ns += kLookNs << doublings;
  return kBeginNs + g_world->now_ns;
}

timespec to_timespec(std::uint64_t ns) {
  return {static_cast<time_t>(ns / kSecondNs), static_cast<long>(ns % kSecondNs)};
}

void sleep_until(std::uint64_t when_ns, void* pc) {
  Entry entry(pc);
  point({.op = Op::kSleep, .wait = Wait::kNever, .has_deadline = true, .deadline_ns = when_ns});
  record(Op::kSleep, 0);
}

void sleep_for(std::uint64_t ns, void* pc) { sleep_until(g_world->now_ns + ns, pc); }

}  // namespace

std::uint64_t to_ns(const timespec& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * kSecondNs +
         static_cast<std::uint64_t>(time.tv_nsec);
}

std::uint64_t clock_now_ns(clockid_t) { return kBeginNs + g_world->now_ns; }

std::uint64_t deadline_ns(const timespec& abstime, clockid_t clock) {
  const std::uint64_t when = to_ns(abstime);
  const std::uint64_t now = clock_now_ns(clock);
  return g_world->now_ns + (when > now ? when - now : 0);
}

}  // namespace kit::explore

using kit::explore::is_explored;

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) {
  if (!is_explored()) return KIT_REAL(clock_gettime)(clock, time);
  *time = kit::explore::to_timespec(kit::explore::look());
  return 0;
}

int gettimeofday(timeval* __restrict time, void* __restrict zone) {
  if (!is_explored()) return KIT_REAL(gettimeofday)(time, zone);
  const timespec now = kit::explore::to_timespec(kit::explore::look());
  *time = {now.tv_sec, now.tv_nsec / 1000};
  return 0;
}

time_t time(time_t* result) {
  if (!is_explored()) return KIT_REAL(time)(result);
  const time_t now = kit::explore::to_timespec(kit::explore::look()).tv_sec;
  if (result != nullptr) *result = now;
  return now;
}

int timespec_get(timespec* time, int base) {
  if (!is_explored()) return KIT_REAL(timespec_get)(time, base);
  *time = kit::explore::to_timespec(kit::explore::look());
  return base;
}

clock_t clock() {
  if (!is_explored()) return KIT_REAL(clock)();
  kit::explore::look();
  return static_cast<clock_t>(kit::explore::g_world->now_ns / 1000);
}

int nanosleep(const timespec* time, timespec* left) {
  if (!is_explored()) return KIT_REAL(nanosleep)(time, left);
  kit::explore::sleep_for(kit::explore::to_ns(*time), KIT_PC);
  return 0;
}

int clock_nanosleep(clockid_t clock, int flags, const timespec* time, timespec* left) {
  if (!is_explored()) return KIT_REAL(clock_nanosleep)(clock, flags, time, left);
  const bool is_absolute = (flags & TIMER_ABSTIME) != 0;
  const std::uint64_t when = is_absolute
                                 ? kit::explore::deadline_ns(*time, clock)
                                 : kit::explore::g_world->now_ns + kit::explore::to_ns(*time);
  kit::explore::sleep_until(when, KIT_PC);
  return 0;
}

int usleep(useconds_t us) {
  if (!is_explored()) return KIT_REAL(usleep)(us);
  kit::explore::sleep_for(std::uint64_t{us} * 1000, KIT_PC);
  return 0;
}

unsigned sleep(unsigned s) {
  if (!is_explored()) return KIT_REAL(sleep)(s);
  kit::explore::sleep_for(std::uint64_t{s} * kit::explore::kSecondNs, KIT_PC);
  return 0;
}

unsigned alarm(unsigned s) {
  if (!is_explored() || s == 0) return KIT_REAL(alarm)(s);
  kit::explore::finish_unsupported("alarm()");
}

}  // extern "C"
