// Doing a thing over and over, as often as the mode wants it: a concurrency mistake shows itself
// only now and then.
//
//     plain, asan, tsan    some scenarios, each some times
//     memcheck             once: Valgrind runs one thread at a time
//     explore              some scenarios, each under hundreds of controlled schedules
//     (explore_run.h) stress               until a budget of seconds is spent, perturbed: random
//     delays at
//                          synchronisation points, short reads and writes, pinned to one processor
//                          and to two in turn
//
// All randomness comes from the check's seed. Thread-safety: for the check's thread.
#ifndef GRADER_HARNESS_ROUNDS_H_
#define GRADER_HARNESS_ROUNDS_H_

#include <functional>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include "grader/harness/box.h"
#include "grader/harness/finding.h"
#include "grader/harness/history.h"
#include "grader/harness/scenario.h"

namespace kit {

// How long stress mode goes on with one check.
inline constexpr int kStressBudgetMs = 3000;

struct Round {
  int number = 0;
  StartOptions start;  // how to start the subject's programs in this round
};

// Calls `body` once, and in stress mode until the budget is spent.
void for_each_round(const std::function<void(const Round&)>& body);

using MakeScenario = std::function<Scenario(std::mt19937_64&)>;
// What is wrong with a history, and what to call it: a text alone is a failure like any other.
struct Flaw {
  Flaw(std::string what_is_wrong, Status how = Status::kFailed)
      : what(std::move(what_is_wrong)), status(how) {}
  std::string what;
  Status status;
};
// std::nullopt when nothing is wrong.
using Judge = std::function<std::optional<Flaw>(const History&)>;

struct CheckOptions {
  // In the mode explore:
  bool has_deaths = false;  // a process may be killed at any point
  int scenarios = 6;
  int schedules = 250;  // of each scenario
  // In the others, how often each scenario is run; 0: as the mode has it. Less is enough where the
  // scenario itself sees to it that things happen in a certain order.
  int repeat = 0;
  // Of the smaller scenarios that are tried once one has failed (shrink.h); null: all make sense.
  bool (*makes_sense)(const Scenario&) = nullptr;
};

// Runs scenarios that `make` gives on the probe and judges every history. The first that is wrong
// ends the check, after the scenario was shrunk. `expected` says what should have held.
void check_histories(const std::string& probe, const std::string& expected,
                     const MakeScenario& make, const Judge& judge,
                     const CheckOptions& options = {});

}  // namespace kit

#endif  // GRADER_HARNESS_ROUNDS_H_
