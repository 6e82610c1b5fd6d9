#include <new>

#include "grader/explore/runtime/strategy.h"

namespace kit::explore {
namespace {

constexpr int kMaxChanges = 8;

class Pct final : public Strategy {
 public:
  Pct(Random& random, const Plan& plan) : random_(random) {
    changes_ = plan.pct_depth < 1 || plan.pct_depth > kMaxChanges ? 0 : plan.pct_depth - 1;
    for (int i = 0; i < changes_; ++i) change_at_[i] = 1 + random_.below(plan.usual_steps);
    on_create(0, -1);
  }

  int choose(const Option* options, int count) override {
    ++step_;
    int best = highest(options, count);
    for (int i = 0; i < changes_; ++i) {
      if (change_at_[i] != step_) continue;
      priority_[options[best].thread] = i;
      best = highest(options, count);
    }
    // Who yields or sleeps gives way: without this, a loop that waits would run for ever.
    const Op op = options[best].op;
    if (op == Op::kYield || op == Op::kSleep) priority_[options[best].thread] = kYielded - step_;
    return best;
  }

  void on_create(int thread, int) override { priority_[thread] = random_.next() | (1ull << 63); }

 private:
  static constexpr std::uint64_t kYielded = 1ull << 40;

  int highest(const Option* options, int count) const {
    int best = 0;
    for (int i = 1; i < count; ++i) {
      if (priority_[options[i].thread] > priority_[options[best].thread]) best = i;
    }
    return best;
  }

  Random& random_;
  std::uint64_t step_ = 0;
  int changes_;
  std::uint64_t change_at_[kMaxChanges] = {};
  std::uint64_t priority_[kMaxThreads] = {};
};
static_assert(sizeof(Pct) <= kStrategyBytes);

}  // namespace

Strategy* make_pct(void* memory, Random& random, const Plan& plan) {
  return new (memory) Pct(random, plan);
}

}  // namespace kit::explore
