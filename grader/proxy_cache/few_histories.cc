#include "grader/proxy_cache/few_histories.h"

#include "grader/harness/check.h"
#include "grader/harness/probe_run.h"

namespace kit::proxy_cache_lab {
namespace {

constexpr int kScenarios = 4;
constexpr int kRepeat = 8;

}  // namespace

void check_few_histories(const std::string& probe, const std::string& expected,
                         const MakeScenario& make, const Judge& judge,
                         const CheckOptions& options) {
  if (config().mode != Mode::kPlain) return check_histories(probe, expected, make, judge, options);
  for (int i = 0; i < kScenarios; ++i) {
    forget_did();
    for (const History& history : run_probe(probe, make(random()), kRepeat)) {
      if (const auto flaw = judge(history))
        fail(expected, varies(flaw->what + "\n" + render(history)), flaw->status);
    }
  }
}

CheckOptions effort(int scenarios, int schedules) {
  CheckOptions options;
  options.scenarios = scenarios;
  options.schedules = schedules;
  return options;
}

}  // namespace kit::proxy_cache_lab
