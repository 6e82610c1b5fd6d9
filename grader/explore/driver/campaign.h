// A campaign: schedule after schedule, until one fails or the budget is spent.
//
// Judge: what is wrong with a run that came to its end; the runtime's own verdicts need none. A run
// that exits with a status other than 0 is wrong too, unless the judge is asked to decide that.
//
// The first witnessed failure ends the campaign. A data race is a failure of another kind: it is
// kept, and the search goes on for a while, since a wrong result says more; so is a lock that was
// kept.
//
// Then the schedule is shrunk (reduce.h).
//
// Determinism: the budget in schedules is what ends a campaign; the one in seconds is a safety net.
// Thread-safety: none. Errors: SubjectGone goes through.
#ifndef GRADER_EXPLORE_DRIVER_CAMPAIGN_H_
#define GRADER_EXPLORE_DRIVER_CAMPAIGN_H_

#include <functional>
#include <optional>
#include <string>

#include "grader/explore/driver/mix.h"
#include "grader/explore/driver/subject.h"

namespace kit::explore {

// Said of a run without a verdict of the runtime's: std::nullopt when nothing is wrong with it.
using Judge = std::function<std::optional<std::string>(const Outcome&)>;

struct CampaignOptions {
  MixOptions mix;
  int schedules = 1000;
  int after_race = 300;  // how many more, once there was a race
  double seconds = 60;
  std::uint64_t operations = 200'000'000;  // of all runs together: long runs mean fewer of them
  bool is_shrunk = true;
};

struct Failure {
  Verdict verdict = Verdict::kNone;  // kNone: the judge's, or the exit status
  std::string what;
  int schedule_number = 0;  // the first was 1
  StrategyKind strategy = StrategyKind::kRandom;
  Schedule schedule;
};

struct CampaignResult {
  int schedules = 0;
  double seconds = 0;
  bool is_timed_out = false;  // the budget in seconds came first
  std::optional<Failure> failure;
};

// "the program ended with exit status 3" and the like; std::nullopt for 0.
std::optional<std::string> judge_status(const Outcome& outcome);

CampaignResult explore(Subject& subject, const CampaignOptions& options,
                       const Judge& judge = judge_status);

// What a single run came to, in the same words. std::nullopt: nothing is wrong.
std::optional<Failure> failure_of(const Outcome& outcome, const Judge& judge);

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_DRIVER_CAMPAIGN_H_
