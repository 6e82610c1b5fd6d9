// The operations that a schedule is made of, and what a person calls them.
#ifndef GRADER_EXPLORE_OP_H_
#define GRADER_EXPLORE_OP_H_

#include <cstddef>
#include <cstdint>

namespace kit::explore {

enum class Op : std::uint8_t {
  kStart,
  kRead,
  kWrite,
  kAtomicRead,
  kAtomicWrite,
  kFree,
  kLock,
  kTryLock,
  kUnlock,
  kReadLock,
  kCondWait,
  kCondWoken,
  kSignal,
  kBroadcast,
  kSemWait,
  kSemPost,
  kFutexWait,
  kFutexWake,
  kBarrier,
  kOnce,
  kCreate,
  kJoin,
  kEnd,
  kYield,
  kSleep,
  kIoRead,
  kIoWrite,
  kPoll,
  kFork,
  kWaitProcess,
  kProcessEnd,
  kCount,
};

constexpr const char* op_name(Op op) {
  constexpr const char* kNames[] = {
      "start",       "read",        "write",    "atomic read", "atomic write", "free",
      "lock",        "try to lock", "unlock",   "lock shared", "wait",         "woken",
      "signal",      "broadcast",   "sem wait", "sem post",    "futex wait",   "futex wake",
      "barrier",     "once",        "create",   "join",        "end",          "yield",
      "sleep",       "input",       "output",   "poll",        "fork",         "wait for process",
      "process end",
  };
  static_assert(sizeof kNames / sizeof kNames[0] == static_cast<std::size_t>(Op::kCount));
  return op < Op::kCount ? kNames[static_cast<int>(op)] : "?";
}

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_OP_H_
