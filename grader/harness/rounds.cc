#include "grader/harness/rounds.h"

#include <algorithm>

#include "grader/harness/check.h"
#include "grader/harness/explore_run.h"
#include "grader/harness/probe_run.h"
#include "grader/harness/shrink.h"

namespace kit {
namespace {

// How many scenarios, and how often each: what the reference does in about half a second.
struct Effort {
  int scenarios;
  int repeat;
};

Effort effort_of(Mode mode) {
  switch (mode) {
    case Mode::kPlain:
      return {12, 40};
    case Mode::kAsan:
      return {4, 20};
    case Mode::kTsan:
      return {6, 15};
    case Mode::kMemcheck:
    case Mode::kExplore:  // what is left to run_probe() there, runs as it would anywhere
      return {1, 1};
    case Mode::kStress:
      return {1'000'000, 20};
  }
  return {1, 1};
}

constexpr int kShrinkRuns = 60;
constexpr int kShrinkMs = 2500;
constexpr int kMaxDelayUs = 200;

// Delays come in every round; the legal surprises of I/O, and the processor, in turn.
StartOptions perturbed(int round) {
  StartOptions options;
  if (config().mode != Mode::kStress) return options;
  options.env["KIT_PERTURB"] = std::to_string(seed() + round) + ":" + std::to_string(kMaxDelayUs);
  if (round % 2 == 1) options.env["KIT_SHORT_IO"] = "30";
  if (round % 4 == 3) options.env["KIT_EINTR"] = "10";
  if (round % 3 == 1) options.cpu = 0;
  return options;
}

// Searches the histories of one scenario for a wrong one.
struct Wrong {
  std::string what;
  Status status;
  History history;
  int rounds = 0;  // how many of them were wrong ...
  int of = 0;      // ... of how many
};

std::optional<Wrong> find_wrong(const std::vector<History>& histories, const Judge& judge) {
  std::optional<Wrong> found;
  int wrong = 0;
  for (const History& history : histories) {
    const std::optional<Flaw> flaw = judge(history);
    if (!flaw) continue;
    ++wrong;
    if (!found)
      found = Wrong{flaw->what, flaw->status, history, 0, static_cast<int>(histories.size())};
  }
  if (found) found->rounds = wrong;
  return found;
}

[[noreturn]] void fail_with(const std::string& probe, const std::string& expected,
                            const Scenario& scenario, Wrong wrong, int repeat, const Judge& judge,
                            const StartOptions& options, const MakesSense& makes_sense) {
  const auto fails = [&](const Scenario& candidate) {
    std::optional<Wrong> again =
        find_wrong(run_probe(probe, candidate, repeat * 4, options), judge);
    if (again) wrong = *again;
    return again.has_value();
  };
  const ShrinkBudget budget{kShrinkRuns, deadline().but_at_most_ms(kShrinkMs)};
  const Scenario smallest = shrink(scenario, fails, budget, makes_sense).scenario;
  forget_did();
  did(varies(render(smallest)) + "all threads at once, on a new object, " +
      varies(std::to_string(wrong.of)) + " times");
  fail(expected,
       varies(wrong.what) + "\nIt was so in " + varies(std::to_string(wrong.rounds)) + " of " +
           varies(std::to_string(wrong.of)) + " runs. In one of them:\n" +
           varies(render(wrong.history)),
       wrong.status);
}

}  // namespace

void for_each_round(const std::function<void(const Round&)>& body) {
  const Deadline budget = Deadline::after_ms(config().mode == Mode::kStress ? kStressBudgetMs : 0);
  int number = 0;
  do {
    forget_did();
    body(Round{number, perturbed(number)});
    ++number;
  } while (!budget.expired());
}

void check_histories(const std::string& probe, const std::string& expected,
                     const MakeScenario& make, const Judge& judge, const CheckOptions& options) {
  if (config().mode == Mode::kExplore)
    return explore_histories(probe, expected, make, judge, options);
  Effort effort = effort_of(config().mode);
  if (options.repeat > 0) effort.repeat = std::min(effort.repeat, options.repeat);
  const Deadline budget =
      Deadline::after_ms(config().mode == Mode::kStress ? kStressBudgetMs : 1'000'000);
  for (int number = 0; number < effort.scenarios && !budget.expired(); ++number) {
    forget_did();
    const Scenario scenario = make(random());
    const StartOptions start = perturbed(number);
    std::optional<Wrong> wrong =
        find_wrong(run_probe(probe, scenario, effort.repeat, start), judge);
    if (wrong) {
      fail_with(probe, expected, scenario, *wrong, effort.repeat, judge, start,
                options.makes_sense);
    }
  }
}

}  // namespace kit
