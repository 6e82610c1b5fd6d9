// The explorer's own corpus: each program of programs/ with its mistake, and without.
//
// Usage: programs_test PATH, where PATH is one of the explored programs; the others lie beside it.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "grader/explore/driver/campaign.h"
#include "grader/explore/driver/explain.h"

namespace kit::explore {
namespace {

constexpr int kBugSchedules = 2000;
constexpr int kFixedSchedules = 150;
constexpr int kLongSchedules = 15;  // of what takes tens of thousands of steps

std::string g_folder;

struct Expected {
  const char* name;
  std::set<Verdict> verdicts;  // what may be seen, whichever way it comes to light first
};

void PrintTo(const Expected& expected, std::ostream* out) { *out << expected.name; }

const Expected kPrograms[] = {
    {"account", {Verdict::kDeadlock}},
    {"atomic_split", {Verdict::kCrash}},
    {"barrier_count", {Verdict::kCrash, Verdict::kDeadlock}},
    {"bounded_buffer", {Verdict::kDeadlock}},
    {"c11_lock_order", {Verdict::kDeadlock}},
    {"callback", {Verdict::kDeadlock}},
    {"check_then_pop", {Verdict::kCrash}},
    {"detached_reference", {Verdict::kUseAfterFree}},
    {"double_checked", {Verdict::kRace}},
    {"early_attach", {Verdict::kCrash}},
    {"freed_condition", {Verdict::kUseAfterFree}},
    {"if_for_while", {Verdict::kCrash}},
    {"join_under_lock", {Verdict::kDeadlock}},
    {"joinable_destroyed", {Verdict::kCrash}},
    {"kept_lock", {Verdict::kDeadlock, Verdict::kLockLeak}},
    {"late_checker", {Verdict::kCrash}},
    {"latch_too_early", {Verdict::kCrash}},
    {"long_count", {Verdict::kCrash}},
    {"loop_variable", {Verdict::kCrash}},
    {"lost_signal", {Verdict::kLostWakeup}},
    {"lost_update", {Verdict::kCrash}},
    {"mixed_messages", {Verdict::kCrash}},
    {"one_recv", {Verdict::kCrash}},
    {"part_of_send", {Verdict::kCrash}},
    {"philosophers", {Verdict::kDeadlock}},
    {"private_semaphore", {Verdict::kMisuse}},
    {"queue_destroyed", {Verdict::kUseAfterFree}},
    {"read_before_join", {Verdict::kCrash}},
    {"reader_without_lock", {Verdict::kCrash}},
    {"relaxed_flag", {Verdict::kRace}},
    {"reorder", {Verdict::kCrash}},
    {"retry_in_step", {Verdict::kLivelock}},
    {"robust_owner", {Verdict::kCrash}},
    {"shared_mailbox", {Verdict::kCrash, Verdict::kDeadlock}},
    {"spin_flag", {Verdict::kLivelock}},
    {"stale_thief", {Verdict::kCrash}},
    {"started_too_early", {Verdict::kCrash}},
    {"starved_writer", {Verdict::kStarvation, Verdict::kLivelock}},
    {"stop_without_notify", {Verdict::kDeadlock}},
    {"string_buffer", {Verdict::kCrash}},
    {"token_ring", {Verdict::kCrash}},
    {"two_atomics", {Verdict::kCrash}},
    {"two_deletes", {Verdict::kDoubleFree}},
    {"two_roles", {Verdict::kDeadlock, Verdict::kLostWakeup}},
    {"twostage", {Verdict::kCrash}},
    {"unready_flag", {Verdict::kCrash}},
    {"upgrade", {Verdict::kCrash}},
    {"work_queue", {Verdict::kCrash}},
    {"wrong_lock", {Verdict::kCrash}},
};

CampaignOptions options_for(const std::string& name, int schedules) {
  CampaignOptions options;
  options.schedules = schedules;
  options.seconds = 300;
  options.mix.deaths = name == "robust_owner";
  return options;
}

ProgramSubject program(const std::string& name, const char* variant) {
  return ProgramSubject({g_folder + name + '_' + variant});
}

class Programs : public testing::TestWithParam<Expected> {};

TEST_P(Programs, MistakeIsFoundAndReplaysExactly) {
  const std::string name = GetParam().name;
  ProgramSubject subject = program(name, "bug");
  const CampaignResult result = explore(subject, options_for(name, kBugSchedules));
  ASSERT_TRUE(result.failure) << summary(result);
  EXPECT_EQ(GetParam().verdicts.count(result.failure->verdict), 1u) << summary(result);
  for (int i = 0; i < 10; ++i) {
    const Outcome& outcome = subject.replay(result.failure->schedule);
    EXPECT_FALSE(outcome.diverged);
    EXPECT_EQ(outcome.replay_hash, result.failure->schedule.run_hash);
    const std::optional<Failure> again = failure_of(outcome, judge_status);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->verdict, result.failure->verdict);
  }
}

TEST_P(Programs, CorrectTwinIsNotAccused) {
  const std::string name = GetParam().name;
  ProgramSubject subject = program(name, "fixed");
  const int schedules = name == "long_count" ? kLongSchedules : kFixedSchedules;
  const CampaignResult result = explore(subject, options_for(name, schedules));
  EXPECT_FALSE(result.failure) << summary(result);
  EXPECT_EQ(result.schedules, schedules);
}

INSTANTIATE_TEST_SUITE_P(All, Programs, testing::ValuesIn(kPrograms),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Campaign, SameSeedGivesTheSameResult) {
  std::set<std::string> tokens;
  for (int i = 0; i < 3; ++i) {
    ProgramSubject subject = program("reorder", "bug");
    const CampaignResult result = explore(subject, options_for("reorder", kBugSchedules));
    ASSERT_TRUE(result.failure);
    tokens.insert(encode_schedule(result.failure->schedule, 0));
  }
  EXPECT_EQ(tokens.size(), 1u);
}

TEST(Replay, KnowsAnotherProgram) {
  ProgramSubject subject = program("lost_update", "bug");
  const CampaignResult result = explore(subject, options_for("lost_update", kBugSchedules));
  ASSERT_TRUE(result.failure);
  ProgramSubject other = program("lost_update", "fixed");
  const Outcome& outcome = other.replay(result.failure->schedule);
  EXPECT_TRUE(outcome.diverged || outcome.replay_hash != result.failure->schedule.run_hash);
  EXPECT_NE(hash_of_program(subject.path()), hash_of_program(other.path()));
}

}  // namespace
}  // namespace kit::explore

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc == 2) {
    const std::string path = argv[1];
    kit::explore::g_folder = path.substr(0, path.rfind('/') + 1);
  }
  return RUN_ALL_TESTS();
}
