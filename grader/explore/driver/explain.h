// What a campaign came to, for a person: the verdict, who waits for whom, and the picture.
//
// Errors: as the subject's. Thread-safety: none.
#ifndef GRADER_EXPLORE_DRIVER_EXPLAIN_H_
#define GRADER_EXPLORE_DRIVER_EXPLAIN_H_

#include <string>

#include "grader/explore/driver/campaign.h"
#include "grader/explore/driver/subject.h"
#include "grader/explore/driver/symbols.h"

namespace kit::explore {

// "deadlock", "data race", ...
const char* verdict_name(Verdict verdict);
const char* strategy_name(StrategyKind kind);

// One line: the verdict, after how many schedules, how fast.
std::string summary(const CampaignResult& result);

// The verdict with its evidence, from the channel as the failing run left it.
std::string explain(const Failure& failure, const Channel& channel, Symbols& symbols);

// The line of the subject at which it happened, "account.cc:41"; "" when there is no one line.
std::string place_of(const Failure& failure, const Outcome& outcome, Symbols& symbols);

// Said in place of a picture, when the schedule of a failure, tried again, goes well.
inline constexpr char kSeenOnce[] =
    "The same schedule, tried again, did not show it again: the program does something that\n"
    "its schedule does not decide.";

// Runs the failing schedule once more and prints all there is to say. `svg`: where to put the
// picture, or "".
void show(ProgramSubject& subject, const CampaignResult& result, const std::string& svg);

// The same for a token. Returns an exit status as explore_main.cc has them.
int show_replay(ProgramSubject& subject, const std::string& token, const std::string& svg);

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_DRIVER_EXPLAIN_H_
