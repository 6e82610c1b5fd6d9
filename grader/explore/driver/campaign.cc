#include "grader/explore/driver/campaign.h"

#include <string.h>
#include <sys/wait.h>

#include <chrono>

#include "grader/explore/driver/reduce.h"

namespace kit::explore {
namespace {

constexpr int kRuntimeFault = 119;  // and when it could not do its work

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::string text_of(const char (&text)[256]) { return {text, strnlen(text, sizeof text)}; }

bool is_killed_by_limit(const Outcome& outcome) {
  if (!WIFSIGNALED(outcome.wait_status)) return false;
  const int signal = WTERMSIG(outcome.wait_status);
  return signal == SIGXCPU || signal == SIGALRM || signal == SIGKILL;
}

// Weaker than a failure that was witnessed: a race, a lock that was kept.
std::optional<Failure> weak_failure_of(const Outcome& outcome) {
  Failure failure;
  if (outcome.has_race) {
    failure.verdict = Verdict::kRace;
    failure.what = "two threads use the same memory at once, and one of them writes";
    return failure;
  }
  if (!outcome.has_note) return std::nullopt;
  failure.verdict = outcome.note;
  failure.what = text_of(outcome.note_text);
  return failure;
}

std::optional<Failure> strong_failure_of(const Outcome& outcome, const Judge& judge) {
  Failure failure;
  failure.verdict = outcome.verdict;
  failure.what = text_of(outcome.text);
  if (outcome.verdict != Verdict::kNone) return failure;
  if (is_killed_by_limit(outcome)) {
    failure.verdict = Verdict::kStuck;
    failure.what = "the program computes or waits in a place that the explorer does not see";
    return failure;
  }
  if (WIFSIGNALED(outcome.wait_status)) {
    failure.verdict = Verdict::kCrash;
    failure.what = std::string("the program was ended by a signal: ") +
                   strsignal(WTERMSIG(outcome.wait_status));
    return failure;
  }
  if (WIFEXITED(outcome.wait_status) && WEXITSTATUS(outcome.wait_status) == kRuntimeFault) {
    failure.verdict = Verdict::kUnsupported;
    failure.what = "the explorer could not do its work";
    return failure;
  }
  const std::optional<std::string> wrong = judge(outcome);
  if (!wrong) return std::nullopt;
  failure.what = *wrong;
  return failure;
}

class Campaign {
 public:
  Campaign(Subject& subject, const CampaignOptions& options, const Judge& judge)
      : subject_(subject), options_(options), judge_(judge), mix_(options.mix) {}

  CampaignResult run() {
    const Clock::time_point begin = Clock::now();
    int last = options_.schedules;
    while (result_.schedules < last && !is_strong_ && operations_ < options_.operations) {
      if (seconds_since(begin) > options_.seconds) {
        result_.is_timed_out = true;
        break;
      }
      const bool had_failure = result_.failure.has_value();
      one(result_.schedules++);
      if (!had_failure && result_.failure)
        last = std::min(last, result_.schedules + options_.after_race);
    }
    if (result_.failure && options_.is_shrunk) shrink();
    result_.seconds = seconds_since(begin);
    return result_;
  }

 private:
  void one(int number) {
    const Plan plan = mix_.plan(number);
    const Outcome& outcome = subject_.run(plan);
    std::optional<Failure> failure = strong_failure_of(outcome, judge_);
    operations_ += outcome.operations;
    is_strong_ = failure.has_value();
    if (!failure && !result_.failure) failure = weak_failure_of(outcome);
    if (failure) {
      failure->schedule_number = number + 1;
      failure->strategy = plan.strategy;
      failure->schedule = subject_.last_schedule();
      result_.failure = failure;
    }
    mix_.learn(number, subject_.channel());
  }

  void shrink() {
    Failure& failure = *result_.failure;
    if (failure.verdict == Verdict::kUnsupported || failure.verdict == Verdict::kStuck) return;
    const auto fails = [&](const Outcome& outcome) {
      const std::optional<Failure> again = failure_of(outcome, judge_);
      return again && again->verdict == failure.verdict;
    };
    failure.schedule = reduce(subject_, failure.schedule, fails);
  }

  Subject& subject_;
  const CampaignOptions& options_;
  const Judge& judge_;
  Mix mix_;
  CampaignResult result_;
  bool is_strong_ = false;
  std::uint64_t operations_ = 0;
};

}  // namespace

std::optional<std::string> judge_status(const Outcome& outcome) {
  if (!WIFEXITED(outcome.wait_status) || WEXITSTATUS(outcome.wait_status) == 0) return std::nullopt;
  return "the program ended with exit status " + std::to_string(WEXITSTATUS(outcome.wait_status));
}

std::optional<Failure> failure_of(const Outcome& outcome, const Judge& judge) {
  std::optional<Failure> failure = strong_failure_of(outcome, judge);
  return failure ? failure : weak_failure_of(outcome);
}

CampaignResult explore(Subject& subject, const CampaignOptions& options, const Judge& judge) {
  return Campaign(subject, options, judge).run();
}

}  // namespace kit::explore
