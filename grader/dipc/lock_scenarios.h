// Calls of the lock's probe, for the checks of step 2.
#ifndef GRADER_DIPC_LOCK_SCENARIOS_H_
#define GRADER_DIPC_LOCK_SCENARIOS_H_

#include <string>

#include "grader/harness/check.h"
#include "grader/harness/scenario.h"

namespace kit::dipc_lab {

inline constexpr char kLockProbe[] = "lock_probe";
inline constexpr int kLongMs = 60'000;  // nobody waits so long, or something is wrong

inline Call lock_call(const std::string& who, const char* kind, int ms, int lock) {
  Call call{who + kind, {std::to_string(ms)}};
  if (lock != 0) call.args.push_back(std::to_string(lock));
  return call;
}
inline Call shared(const std::string& who, int ms = kLongMs, int lock = 0) {
  return lock_call(who, ".shared", ms, lock);
}
inline Call exclusive(const std::string& who, int ms = kLongMs, int lock = 0) {
  return lock_call(who, ".exclusive", ms, lock);
}
inline Call release(const std::string& who, int lock = 0) {
  return {who + ".release", lock == 0 ? Words{} : Words{std::to_string(lock)}};
}
// `who` goes on when `other` is known to wait in its `number`th call of the lock.
inline Call after(const std::string& who, const std::string& other, int number = 1) {
  return {who + ".after", number == 1 ? Words{other} : Words{other, std::to_string(number)}};
}
// `who` goes on when `other` is known to wait, or has had the lock `number` times.
inline Call watch(const std::string& who, const std::string& other, int number) {
  return {who + ".watch", {other, std::to_string(number)}};
}

// Whether each of them reads and writes only while it has the lock, and the right one: what is
// touched without it is torn with any lock.
inline bool holds_what_it_touches(const Scenario& scenario) {
  for (const auto& calls : scenario.threads) {
    std::string has;
    for (const Call& call : calls) {
      const std::string what = call.name.substr(2);
      const bool is_lock = what == "shared" || what == "exclusive";
      if (is_lock && (!has.empty() || call.args.at(0) != std::to_string(kLongMs))) return false;
      if (what == "release" && has.empty()) return false;
      if (what == "read" && has.empty()) return false;
      if (what == "write" && has != "exclusive") return false;
      if (is_lock) has = what;
      if (what == "release") has.clear();
    }
  }
  return true;
}

// For the finding, if there will be one: what the probe's own calls mean.
inline void explain_calls() {
  add_evidence(
      "In the calls above, who calls stands before the dot, and\n"
      "  after(Y, n)    goes on when Y is known to wait, in its nth call of the lock\n"
      "  watch(Y, n)    goes on when Y is known to wait, or has been let in n times\n"
      "  meet(n, ms)    goes on when n have come to this point, or after so many milliseconds\n"
      "  die(), leave() the process is killed, the thread ends, and keeps the lock\n");
}

}  // namespace kit::dipc_lab

#endif  // GRADER_DIPC_LOCK_SCENARIOS_H_
