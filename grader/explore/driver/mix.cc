#include "grader/explore/driver/mix.h"

#include <algorithm>
#include <map>

namespace kit::explore {
namespace {

constexpr std::uint32_t kFairSteps = 1'000'000;
constexpr int kPctDepth = 3;

bool is_profiled(int number) {
  if (number == 0) return true;
  while (number % 8 == 0) number /= 8;
  return number == 1;
}

// Where an operation is made: deep enough to be past a lock_guard and what it calls.
using Place = std::vector<std::uint32_t>;
Place place_of(const Stack& stack) {
  constexpr int kDepth = 6;
  return {stack.frames, stack.frames + kDepth};
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
  if (random() % 8 == 0) plan.turns_from = 1 + static_cast<std::uint32_t>(random() % usual_steps_);
  plan.delays_nested = random() % (plan.turns_from > 0 ? 2 : 8) == 0;
  plan.usual_steps = usual_steps_;
  choose_object(plan, random);
  return plan;
}

void Mix::choose_object(Plan& plan, std::mt19937_64& random) const {
  if (interests_.empty()) return;
  const Interest& interest = draw_interest(random);
  plan.surw_object = interest.object;
  for (std::size_t i = 0; i < interest.counts.size() && i < kMaxThreads; ++i) {
    plan.surw_counts[i] = interest.counts[i];
  }
  if (random() % 2 == 0) choose_first(plan, interest, random);
}

// Every second time, what many threads use is drawn more often: between fifty threads there are
// hundreds of objects that one of them has from its maker, and a few that are theirs together.
const Mix::Interest& Mix::draw_interest(std::mt19937_64& random) const {
  const Interest& any = interests_[random() % interests_.size()];
  if (random() % 2 == 0) return any;
  const auto weight = [](const Interest& each) {
    return static_cast<std::uint64_t>(each.users - 1) * static_cast<std::uint64_t>(each.users - 1);
  };
  std::uint64_t sum = 0;
  for (const Interest& each : interests_) sum += weight(each);
  std::uint64_t at = random() % sum;
  for (const Interest& each : interests_) {
    if (at < weight(each)) return each;
    at -= weight(each);
  }
  return any;
}

void Mix::choose_first(Plan& plan, const Interest& interest, std::mt19937_64& random) {
  constexpr std::uint64_t kMostFirst = 3;
  if (interest.groups.empty()) return;
  const std::vector<int>& group = interest.groups[random() % interest.groups.size()];
  plan.surw_first = static_cast<std::uint16_t>(group[random() % group.size()]);
  plan.surw_first_count = static_cast<std::uint16_t>(1 + random() % kMostFirst);
}

void Mix::learn(int number, const Channel& channel) {
  if (is_profiled(number)) profile(channel);
}

// Per object, how many operations on it each thread made, with those of the threads that it made.
void Mix::profile(const Channel& channel) {
  std::map<std::uint64_t, std::vector<std::uint32_t>> counts;
  std::map<std::uint64_t, std::map<Place, std::vector<int>>> places;
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
    if (of_object[event.thread]++ == 0)
      places[event.object >> 3][place_of(event.stack)].push_back(event.thread);
  }
  interests_.clear();
  for (auto& [object, of_object] : counts) {
    const auto users =
        std::count_if(of_object.begin(), of_object.end(), [](std::uint32_t n) { return n > 0; });
    if (users < 2) continue;
    for (int i = threads - 1; i > 0; --i) {
      if (creator[i] >= 0) of_object[creator[i]] += of_object[i];
    }
    Interest interest{object << 3, of_object, {}, static_cast<int>(users)};
    for (auto& [place, group] : places[object]) interest.groups.push_back(std::move(group));
    interests_.push_back(std::move(interest));
  }
  usual_steps_ = std::max<std::uint32_t>(channel.outcome.steps, 10);
}

}  // namespace kit::explore
