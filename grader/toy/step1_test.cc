#include "grader/harness/check.h"
#include "grader/harness/linearize.h"
#include "grader/harness/probe_run.h"
#include "grader/harness/rounds.h"

namespace {

using namespace kit;

struct Model {
  int count = 0;
  bool apply(const Operation& operation) {
    if (operation.call == "add") ++count;
    return operation.result == std::to_string(count);
  }
  std::string fingerprint() const { return std::to_string(count); }
};

KIT_CHECK(Counter, CountsUp, .why = "A counter counts.",
          .hint = "Start at 0, and add before you return.", .function = "Counter::add") {
  require_results(
      "counter_probe", {},
      {{{"last", {}}, "0"}, {{"add", {}}, "1"}, {{"add", {}}, "2"}, {{"last", {}}, "2"}});
}

KIT_CHECK(Counter, LosesNothing, .why = "Two threads that add at once must both be counted.",
          .hint = "What happens between the reading and the writing?", .function = "Counter::add") {
  const auto make = [](std::mt19937_64& random) {
    Scenario scenario;
    for (int thread = 0; thread < 3; ++thread) {
      std::vector<Call>& calls = scenario.threads.emplace_back(2 + random() % 5, Call{"add", {}});
      calls.push_back({"last", {}});
    }
    return scenario;
  };
  const auto judge = [](const History& history) -> std::optional<std::string> {
    const LinearizeResult result = check_linearizable(history, Model{});
    if (result.verdict != LinearizeResult::Verdict::kNotLinearizable) return std::nullopt;
    return explain(history, result);
  };
  check_histories("counter_probe", "each count is given once", make, judge);
}

}  // namespace
