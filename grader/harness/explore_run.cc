#include "grader/harness/explore_run.h"

#include <sys/wait.h>

#include <cstdio>
#include <optional>
#include <string>

#include "grader/explore/driver/campaign.h"
#include "grader/explore/driver/explain.h"
#include "grader/explore/driver/reduce.h"
#include "grader/explore/driver/schedule.h"
#include "grader/explore/driver/svg.h"
#include "grader/explore/driver/timeline.h"
#include "grader/harness/check.h"
#include "grader/harness/check_context.h"
#include "grader/harness/explored_probe.h"
#include "grader/harness/jail.h"
#include "grader/harness/probe.h"
#include "grader/harness/shrink.h"

namespace kit {
namespace {

using explore::Failure;
using explore::Outcome;
using explore::Verdict;

constexpr std::uint64_t kOperations = 5'000'000;  // of one scenario: long ones are run less often
constexpr int kSearches = 3;                      // while what was found does not show itself again
// Counted in work and not in time, so that the same code comes to the same interleaving.
constexpr int kShrinkRuns = 40;
constexpr int kShrinkSchedules = 80;

Status status_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kDeadlock:
    case Verdict::kLostWakeup:
      return Status::kDeadlocked;
    case Verdict::kUseAfterFree:
    case Verdict::kDoubleFree:
    case Verdict::kCrash:
      return Status::kCrashed;
    case Verdict::kLivelock:
      return Status::kHung;
    case Verdict::kStarvation:
      return Status::kStarved;
    case Verdict::kRace:
      return Status::kRaced;
    case Verdict::kUnsupported:
    case Verdict::kStuck:
      return Status::kNotGradable;
    case Verdict::kNone:
    case Verdict::kLockLeak:
    case Verdict::kMisuse:
      return Status::kFailed;
  }
  return Status::kNotGradable;
}

std::string as_hex(std::uint64_t hash) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
  return text;
}

// To the person who reproduces a finding.
void say(const char* line) {
  std::printf("%s\n", line);
  std::fflush(stdout);
}

class ExploredCheck {
 public:
  ExploredCheck(const std::string& probe, const std::string& expected, const Judge& judge,
                const CheckOptions& options)
      : options_(options),
        probe_(probe),
        code_(explore::hash_of_program(probe_.path())),
        is_other_code_(!g_check->wanted_interleaving.starts_with(as_hex(code_))),
        expected_(expected),
        judge_(judge),
        symbols_(probe_.path(),
                 [](const std::string& file) { return config().own_code.is_in(file); }) {
    if (!g_check->wanted_interleaving.empty() && is_other_code_) {
      say("The code is not the one that the token was made for, so its interleaving means nothing "
          "here. "
          "The search begins anew.");
    }
  }

  // What a schedule has shown it shows again, unless the program also does what no schedule
  // decides: what counts the digits of a process id, for example, does a little more from some run
  // on. Then the search begins anew.
  void run(const Scenario& scenario, int number) {
    std::optional<Failure> first;
    Status first_status = Status::kFailed;
    for (int search = 0; search < kSearches; ++search) {
      std::optional<Failure> failure = failure_of(scenario, number, options_.schedules);
      if (!failure) break;
      if (status_of(failure->verdict) == Status::kNotGradable) {
        fail_not_gradable("the schedule explorer met what it does not control: " + failure->what);
      }
      const Status status = status_of_last(*failure);
      if (!first) {
        first = failure;
        first_status = status;
      }
      const Scenario smallest = shrunk(scenario, number, *failure, status);
      tell_if_it_repeats(smallest, *failure, status);
    }
    if (first) tell_of_one_time(scenario, *first, first_status);
  }

 private:
  // What the judge says comes with a status of its own, which is kept aside.
  explore::Judge judge() {
    return [this](const Outcome& outcome) -> std::optional<std::string> {
      judged_ = Status::kFailed;
      if (!Jail::is_wanted() && WIFEXITED(outcome.wait_status) &&
          WEXITSTATUS(outcome.wait_status) == kProbeFault)
        fail_not_gradable("the probe does not know the scenario");
      if (std::optional<std::string> wrong = explore::judge_status(outcome)) return wrong;
      const std::optional<Flaw> flaw = judge_(probe_.history());
      if (!flaw) return std::nullopt;
      judged_ = flaw->status;
      return flaw->what;
    };
  }

  Status status_of_last(const Failure& failure) const {
    return failure.verdict == Verdict::kNone ? judged_ : status_of(failure.verdict);
  }

  std::optional<Failure> failure_of(const Scenario& scenario, int number, int schedules) {
    probe_.set_scenario(scenario);
    explore::CampaignOptions options;
    options.mix.deaths = options_.has_deaths;
    options.mix.seed = seed() * 64 + static_cast<std::uint64_t>(number);
    options.schedules = schedules;
    options.operations = kOperations;
    options.after_race = schedules / 5;
    options.is_shrunk = false;
    options.seconds = 1e6;  // the check has a deadline of its own
    return explore::explore(probe_, options, judge()).failure;
  }

  // `failure` becomes the smaller scenario's.
  Scenario shrunk(const Scenario& scenario, int number, Failure& failure, Status status) {
    const auto fails = [&](const Scenario& candidate) {
      std::optional<Failure> again = failure_of(candidate, number, kShrinkSchedules);
      if (!again || again->verdict != failure.verdict || status_of_last(*again) != status)
        return false;
      failure = *again;
      return true;
    };
    const Scenario smallest =
        shrink(scenario, fails, {kShrinkRuns, deadline()}, options_.makes_sense).scenario;
    probe_.set_scenario(smallest);
    return smallest;
  }

  // Does not return when the smallest schedule that was found shows the failure once more.
  void tell_if_it_repeats(const Scenario& scenario, const Failure& found, Status status) {
    const explore::Judge judge_outcome = judge();
    std::optional<Failure> again;
    const auto fails = [&](const Outcome& outcome) {
      again = explore::failure_of(outcome, judge_outcome);
      return again && again->verdict == found.verdict && status_of_last(*again) == status;
    };
    const explore::Schedule schedule = explore::reduce(probe_, found.schedule, fails);
    if (fails(probe_.replay(schedule))) tell(scenario, *again, schedule, status);
  }

  void tell_what_was_done(const Scenario& scenario) const {
    forget_did();
    did(varies(render(scenario)) +
        "all threads at once, on a new object, under controlled schedules");
  }

  // Without a picture, which would be another run's.
  [[noreturn]] void tell_of_one_time(const Scenario& scenario, const Failure& failure,
                                     Status status) {
    tell_what_was_done(scenario);
    add_evidence(explore::kSeenOnce);
    fail(expected_, varies(failure.what), status);
  }

  // Of the run that was the last.
  [[noreturn]] void tell(const Scenario& scenario, const Failure& failure,
                         const explore::Schedule& schedule, Status status) {
    note_interleaving(probe_.channel().outcome.trace_hash);
    const explore::Timeline timeline = explore::make_timeline(probe_.channel(), symbols_);
    tell_what_was_done(scenario);
    add_evidence(varies("The interleaving, step by step:\n" + explore::render_text(timeline)));
    set_picture(explore::render_svg(timeline));
    const std::string place = explore::place_of(failure, probe_.channel().outcome, symbols_);
    if (!place.empty()) point_at(varies(place));
    const std::string history =
        failure.verdict == Verdict::kNone ? "The calls:\n" + render(probe_.history()) : "";
    if (g_check->with_gdb) debug(schedule, failure.verdict);
    fail(expected_, varies(explore::explain(failure, probe_.channel(), symbols_) + history),
         status);
  }

  void debug(const explore::Schedule& schedule, Verdict verdict) {
    const bool has_verdict = verdict != Verdict::kNone;
    say(has_verdict
            ? "gdb runs this interleaving and stops where it goes wrong."
            : "gdb runs this interleaving and stops at main(): set a breakpoint, then `continue`.");
    probe_.debug(schedule, has_verdict ? explore::Stop::kAtVerdict : explore::Stop::kAtMain);
  }

  // For the token: the very same is what has both.
  void note_interleaving(std::uint64_t happened) {
    const std::string found = as_hex(code_) + '-' + as_hex(happened);
    const std::string& wanted = g_check->wanted_interleaving;
    if (wanted.empty() || is_other_code_) {
      // There is nothing to hold it against.
    } else if (found == wanted) {
      say("This is the very interleaving that the token names.");
    } else {
      say("The code is the one that the token names; the interleaving is another one: the program "
          "does "
          "something that its schedule does not decide.");
    }
    g_check->interleaving = found;
  }

  const CheckOptions options_;
  ExploredProbe probe_;
  const std::uint64_t code_;
  const bool is_other_code_;
  const std::string& expected_;
  const Judge& judge_;
  Status judged_ = Status::kFailed;
  explore::Symbols symbols_;
};

}  // namespace

void explore_histories(const std::string& probe, const std::string& expected,
                       const MakeScenario& make, const Judge& judge, const CheckOptions& options) {
  ExploredCheck check(probe, expected, judge, options);
  for (int number = 0; number < options.scenarios; ++number) {
    forget_did();
    check.run(make(random()), number);
  }
}

}  // namespace kit
