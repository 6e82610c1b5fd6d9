// What a history of a lock's calls shows; lock_probe.cc says which calls there are.
//
//   - Two who hold it at once though one of them writes: their times overlap for certain, or what
//   the
//     one read was torn.
//   - Overtaking: somebody was known to wait, then somebody else called, and got in first though
//   the
//     two cannot be in together. Who called without being known to wait has not come yet.
//
// When a call is over is known only to lie before its end, and when it begins to have an effect
// only to lie behind its begin. So all of it errs on the lock's side.
//
// Thread-safety: plain functions of their arguments.
#ifndef GRADER_DIPC_LOCK_HISTORY_H_
#define GRADER_DIPC_LOCK_HISTORY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "grader/harness/history.h"

namespace kit::dipc_lab {

// One call of the lock.
struct Turn {
  std::string who;  // "A"
  int lock = 0;
  bool is_exclusive = false;
  std::string result;  // empty: the call has not returned
  std::int64_t asked_ns = 0;
  std::int64_t until_ns = 0;  // its own deadline
  std::int64_t had_ns = 0;    // when the call returned; INT64_MAX: it has not
  std::int64_t left_ns = 0;   // the end of its hold at the earliest
  std::int64_t known_ns = 0;  // when it was known to wait; INT64_MAX: it was not

  bool is_locked() const { return result == "locked"; }
};

// In the order in which they were asked.
std::vector<Turn> turns_of(const History& history);

// "B (to write)"
std::string name_of(const Turn& turn);

// What is wrong with how the lock keeps its users apart; std::nullopt: nothing.
std::optional<std::string> find_two_at_once(const History& history);

// Who was overtaken most.
struct Overtaken {
  int count = 0;     // by so many turns ...
  int later = 0;     // ... of so many that came later
  std::string what;  // in words, with the queue at the time of the first
  bool is_exclusive = false;
};
std::optional<Overtaken> find_overtaken(const History& history);

// A call that should have got the lock and did not: where everybody gives it back, all do who have
// twenty seconds.
std::optional<std::string> find_not_locked(const History& history);

}  // namespace kit::dipc_lab

#endif  // GRADER_DIPC_LOCK_HISTORY_H_
