// Running scenarios on a probe of the subject.
//
// Errors: what goes wrong in the subject (it crashes, it hangs, it ends early) ends the check with
// a verdict of check.h; a probe that does not know a call is the grader's fault and ends it so.
// Thread-safety: for the check's thread.
#ifndef GRADER_HARNESS_PROBE_RUN_H_
#define GRADER_HARNESS_PROBE_RUN_H_

#include <string>
#include <vector>

#include "grader/harness/box.h"
#include "grader/harness/history.h"
#include "grader/harness/scenario.h"

namespace kit {

// Runs the scenario `repeat` times, each on a new object, and returns what each round came to. What
// was done is told with did().
std::vector<History> run_probe(const std::string& probe, const Scenario& scenario, int repeat = 1,
                               const StartOptions& options = {});

// Once, for a scenario whose answers are known. Calls of one thread: results in order.
History run_once(const std::string& probe, const Scenario& scenario);

// A scenario of one thread.
Scenario sequence(Words setup, std::vector<Call> calls);

// Runs the calls in one thread and requires each to return what stands beside it.
struct Expected {
  Call call;
  std::string result;
};
void require_results(const std::string& probe, Words setup, const std::vector<Expected>& expected);

}  // namespace kit

#endif  // GRADER_HARNESS_PROBE_RUN_H_
