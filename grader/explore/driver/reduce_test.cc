#include "grader/explore/driver/reduce.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

namespace kit::explore {
namespace {

// Follows every schedule as it is given.
class Follower : public Subject {
 public:
  const std::string& path() const override { return path_; }
  Channel& channel() override { return *channel_; }
  const Outcome& run(const Plan& plan) override {
    ++runs_;
    channel_->plan = plan;
    channel_->switch_count = plan.switch_count;
    std::copy_n(channel_->replay, plan.switch_count, channel_->switches);
    return channel_->outcome;
  }
  int runs() const { return runs_; }

 private:
  std::string path_;
  std::unique_ptr<Channel> channel_ = std::make_unique<Channel>();
  int runs_ = 0;
};

Schedule preempted(int times) {
  Schedule schedule;
  for (int i = 0; i < times; ++i) {
    schedule.switches.push_back({static_cast<std::uint32_t>(i), 1, Why::kReady, 1});
  }
  return schedule;
}

bool has_switch_at(const Channel& channel, std::uint32_t at) {
  return std::any_of(channel.switches, channel.switches + channel.switch_count,
                     [at](const Switch& each) { return each.at == at; });
}

TEST(Reduce, KeepsOnlyThePreemptionsThatMatter) {
  Follower subject;
  const auto fails = [&](const Outcome&) {
    return has_switch_at(subject.channel(), 7) && has_switch_at(subject.channel(), 33);
  };
  const Schedule smallest = reduce(subject, preempted(40), fails);
  ASSERT_EQ(smallest.switches.size(), 2u);
  EXPECT_EQ(smallest.switches[0].at, 7u);
  EXPECT_EQ(smallest.switches[1].at, 33u);
}

TEST(Reduce, LeavesSwitchesThatHadToBe) {
  Follower subject;
  Schedule schedule = preempted(3);
  schedule.switches[1].preempts = 0;
  const Schedule smallest = reduce(subject, schedule, [](const Outcome&) { return true; });
  ASSERT_EQ(smallest.switches.size(), 1u);
  EXPECT_EQ(smallest.switches[0].at, 1u);
}

TEST(Reduce, GivesBackWhatDoesNotFailAgain) {
  Follower subject;
  const Schedule schedule = reduce(subject, preempted(5), [](const Outcome&) { return false; });
  EXPECT_EQ(schedule.switches.size(), 5u);
  EXPECT_LT(subject.runs(), 40);
}

}  // namespace
}  // namespace kit::explore
