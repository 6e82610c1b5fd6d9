#include "grader/explore/driver/mix.h"

#include <algorithm>
#include <map>

namespace kit::explore {
namespace {

constexpr std::uint32_t kFairSteps = 20'000;
constexpr int kPctDepth = 3;

bool is_profiled(int number) {
  if (number == 0) return true;
  while (number % 8 == 0) number /= 8;
  return number == 1;
}

bool is_about_an_object(const Event& event) {
  return event.object != 0 && event.op != Op::kUnlock && event.op != Op::kCondWoken;
}

}  // namespace

Mix::Mix(const MixOptions& options) : options_(options) {}

StrategyKind Mix::kind_of(int number) const {
  if (options_.only) return *options_.only;
  const int place = number % 20;
  if (place == 18) return StrategyKind::kPct;
  if (place == 19) return StrategyKind::kRandom;
  return place % 2 == 0 ? StrategyKind::kPos : StrategyKind::kSurw;
}

Plan Mix::plan(int number) {
  std::mt19937_64 random(options_.seed * 1'000'003 + static_cast<std::uint64_t>(number));
  Plan plan{};
  plan.strategy = kind_of(number);
  plan.memory_points = number / 2 % 2 == 0;
  if (is_profiled(number) && plan.strategy == StrategyKind::kSurw && interests_.empty())
    plan.strategy = StrategyKind::kRandom;
  plan.spurious = random() % 3 == 0;
  plan.short_io = random() % 3 == 0;
  plan.deaths = options_.deaths;
  plan.pct_depth = kPctDepth;
  plan.seed = random();
  plan.step_limit = options_.step_limit;
  plan.fair_steps = kFairSteps;
  plan.usual_steps = usual_steps_;
  choose_object(plan, random);
  return plan;
}

void Mix::choose_object(Plan& plan, std::mt19937_64& random) const {
  if (interests_.empty()) return;
  const Interest& interest = interests_[random() % interests_.size()];
  plan.surw_object = interest.object;
  for (std::size_t i = 0; i < interest.counts.size() && i < kMaxThreads; ++i) {
    plan.surw_counts[i] = interest.counts[i];
  }
}

void Mix::learn(int number, const Channel& channel) {
  if (is_profiled(number)) profile(channel);
}

// Per object, how many operations on it each thread made, with those of the threads that it made.
void Mix::profile(const Channel& channel) {
  std::map<std::uint64_t, std::vector<std::uint32_t>> counts;
  std::vector<int> creator(kMaxThreads, -1);
  int threads = 1;
  const auto events = std::min<std::uint32_t>(channel.event_count, kMaxEvents);
  for (std::uint32_t i = 0; i < events; ++i) {
    const Event& event = channel.events[i];
    if (event.thread >= kMaxThreads) continue;
    threads = std::max(threads, event.thread + 1);
    const bool makes = event.op == Op::kCreate || event.op == Op::kFork;
    if (makes && event.detail > 0 && event.detail < kMaxThreads)
      creator[event.detail] = event.thread;
    if (!is_about_an_object(event)) continue;
    std::vector<std::uint32_t>& of_object = counts[event.object >> 3];
    of_object.resize(kMaxThreads);
    ++of_object[event.thread];
  }
  interests_.clear();
  for (auto& [object, of_object] : counts) {
    const auto users =
        std::count_if(of_object.begin(), of_object.end(), [](std::uint32_t n) { return n > 0; });
    if (users < 2) continue;
    for (int i = threads - 1; i > 0; --i) {
      if (creator[i] >= 0) of_object[creator[i]] += of_object[i];
    }
    interests_.push_back({object << 3, of_object});
  }
  usual_steps_ = std::max<std::uint32_t>(channel.outcome.steps, 10);
}

}  // namespace kit::explore
