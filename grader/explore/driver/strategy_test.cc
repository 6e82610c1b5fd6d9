#include "grader/explore/runtime/strategy.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace kit::explore {
namespace {

// Threads that each make `operations` writes to one object. Returns who made them, in order:
// "0110".
std::string run(Strategy& strategy, std::vector<int> operations) {
  for (std::size_t i = 1; i < operations.size(); ++i) strategy.on_create(static_cast<int>(i), 0);
  std::string order;
  while (true) {
    std::vector<Option> options;
    for (std::size_t i = 0; i < operations.size(); ++i) {
      if (operations[i] > 0) options.push_back({static_cast<int>(i), Op::kAtomicWrite, 64, true});
    }
    if (options.empty()) return order;
    const int chosen =
        options[strategy.choose(options.data(), static_cast<int>(options.size()))].thread;
    --operations[chosen];
    order += static_cast<char>('0' + chosen);
  }
}

// How often each order of two threads with two operations each came, in 6000 runs.
template <typename Make>
std::map<std::string, int> orders(Make make) {
  std::map<std::string, int> count;
  alignas(64) static unsigned char memory[kStrategyBytes];
  for (std::uint64_t seed = 1; seed <= 6000; ++seed) {
    Random random;
    random.seed(seed);
    ++count[run(*make(memory, random), {2, 2})];
  }
  return count;
}

TEST(Surw, SpreadsTheOrdersEvenly) {
  Plan plan{};
  plan.surw_object = 64;
  plan.surw_counts[0] = 4;  // its own and those of the thread that it makes
  plan.surw_counts[1] = 2;
  const auto count =
      orders([&](void* memory, Random& random) { return make_surw(memory, random, plan); });
  ASSERT_EQ(count.size(), 6u);
  for (const auto& [order, times] : count) EXPECT_NEAR(times, 1000, 150) << order;
}

TEST(Surw, SpreadsTheOrdersEvenlyOverThreadsThatAreMadeLater) {
  Plan plan{};
  plan.surw_object = 64;
  plan.surw_counts[0] = 4;
  plan.surw_counts[1] = 2;
  const Option creates{0, Op::kCreate, 0, true};
  const auto count = orders([&](void* memory, Random& random) {
    Strategy* strategy = make_surw(memory, random, plan);
    strategy->choose(&creates, 1);  // when there is nobody else to choose
    return strategy;
  });
  ASSERT_EQ(count.size(), 6u);
  for (const auto& [order, times] : count) EXPECT_NEAR(times, 1000, 150) << order;
}

TEST(Pos, ReachesEveryOrder) {
  EXPECT_EQ(orders([](void* memory, Random& random) { return make_pos(memory, random); }).size(),
            6u);
}

TEST(RandomWalk, ReachesEveryOrder) {
  EXPECT_EQ(orders([](void* memory, Random& random) { return make_random(memory, random); }).size(),
            6u);
}

TEST(Pct, ChangesAtMostDepthMinusOneTimes) {
  Plan plan{};
  plan.pct_depth = 2;
  plan.usual_steps = 4;
  const auto count =
      orders([&](void* memory, Random& random) { return make_pct(memory, random, plan); });
  EXPECT_EQ(count.count("0101"), 0u);
  EXPECT_EQ(count.count("1010"), 0u);
  EXPECT_GT(count.at("0011"), 0);
  EXPECT_GT(count.at("0110"), 0);
}

TEST(Pct, LetsOthersGoOnWhenOneYields) {
  Plan plan{};
  plan.pct_depth = 1;
  plan.usual_steps = 10;
  alignas(64) unsigned char memory[kStrategyBytes];
  Random random;
  random.seed(3);
  Strategy* strategy = make_pct(memory, random, plan);
  strategy->on_create(1, 0);
  const Option options[] = {{0, Op::kYield, 0, true}, {1, Op::kYield, 0, true}};
  const int first = strategy->choose(options, 2);
  EXPECT_NE(strategy->choose(options, 2), first);
}

}  // namespace
}  // namespace kit::explore
