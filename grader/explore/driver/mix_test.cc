#include "grader/explore/driver/mix.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <memory>

namespace kit::explore {
namespace {

// Thread 0 makes thread 1; each of them writes the object at 64, twice and once.
std::unique_ptr<Channel> profiled_run() {
  auto channel = std::make_unique<Channel>();
  const auto add = [&](std::uint16_t thread, Op op, std::uint64_t object, int detail) {
    Event& event = channel->events[channel->event_count++];
    event.thread = thread;
    event.op = op;
    event.object = object;
    event.detail = detail;
  };
  add(0, Op::kCreate, 0, 1);
  add(0, Op::kAtomicWrite, 64, -1);
  add(0, Op::kAtomicWrite, 64, -1);
  add(1, Op::kAtomicWrite, 64, -1);
  add(1, Op::kAtomicWrite, 128, -1);
  channel->outcome.steps = 77;
  return channel;
}

MixOptions with_seed(std::uint64_t seed) {
  MixOptions options;
  options.seed = seed;
  return options;
}

TEST(Mix, SameSeedGivesTheSamePlans) {
  Mix a(with_seed(7)), b(with_seed(7));
  for (int i = 0; i < 50; ++i) {
    const Plan one = a.plan(i);
    const Plan other = b.plan(i);
    EXPECT_EQ(one.seed, other.seed);
    EXPECT_EQ(one.strategy, other.strategy);
  }
  EXPECT_NE(Mix(with_seed(8)).plan(0).seed, a.plan(0).seed);
}

TEST(Mix, IsMostlyPosAndSurw) {
  Mix mix(with_seed(1));
  mix.learn(0, *profiled_run());
  std::map<StrategyKind, int> count;
  for (int i = 0; i < 200; ++i) ++count[mix.plan(i).strategy];
  EXPECT_EQ(count[StrategyKind::kPos], 90);
  EXPECT_EQ(count[StrategyKind::kSurw], 90);
  EXPECT_EQ(count[StrategyKind::kPct], 10);
  EXPECT_EQ(count[StrategyKind::kRandom], 10);
}

TEST(Mix, TellsSurwWhatThreadsAndTheirDescendantsDo) {
  MixOptions options = with_seed(1);
  options.only = StrategyKind::kSurw;
  Mix mix(options);
  mix.learn(0, *profiled_run());
  const Plan plan = mix.plan(1);
  EXPECT_EQ(plan.surw_object, 64u) << "the object that both use, not the one that one uses";
  EXPECT_EQ(plan.surw_counts[0], 3u);
  EXPECT_EQ(plan.surw_counts[1], 1u);
  EXPECT_EQ(plan.usual_steps, 77u);
}

}  // namespace
}  // namespace kit::explore
