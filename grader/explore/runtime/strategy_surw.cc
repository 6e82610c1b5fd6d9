#include <new>

#include "grader/explore/runtime/strategy.h"

namespace kit::explore {
namespace {

// One object is looked at in a run; its operations are "interesting". Whose interesting operation
// comes next is drawn with weights: how many each thread still has before it. Until that thread
// comes to it, the others may do everything but theirs.
class Surw final : public Strategy {
 public:
  Surw(Random& random, const Plan& plan)
      : random_(random),
        object_(word_of(plan.surw_object)),
        first_(plan.surw_first),
        first_count_(plan.surw_first_count) {
    for (int i = 0; i < kMaxThreads; ++i) subtree_[i] = plan.surw_counts[i];
    remaining_[0] = subtree_[0];
    priority_[0] = random_.next();
  }

  int choose(const Option* options, int count) override {
    if (first_count_ > 0) return choose_first(options, count);
    if (!is_among(intended_, options, count)) intended_ = draw(options, count);
    int best = best_of(options, count);
    if (best < 0) {  // all stand at interesting operations, and none of them is the intended one's
      intended_ = draw(options, count);
      best = best_of(options, count);
    }
    if (best < 0) best = static_cast<int>(random_.below(count));
    const int thread = options[best].thread;
    if (is_interesting(options[best])) {
      if (remaining_[thread] > 0) --remaining_[thread];
      intended_ = -1;
    }
    priority_[thread] = random_.next();
    return best;
  }

  // The creator's weight was that of its descendants too; the new thread takes its part along. And
  // if the creator was the one to come next, that was drawn for the new thread as well.
  void on_create(int thread, int creator) override {
    const std::uint32_t part = subtree_[thread];
    if (intended_ == creator && random_.below(remaining_[creator]) < part) intended_ = thread;
    remaining_[creator] = remaining_[creator] > part ? remaining_[creator] - part : 0;
    remaining_[thread] = part;
    priority_[thread] = random_.next();
  }

 private:
  // The others may do everything but come to the object, until the first one has been there. If it
  // cannot get there without them, it is as it comes.
  int choose_first(const Option* options, int count) {
    int best = -1;
    for (int i = 0; i < count; ++i) {
      if (is_interesting(options[i]) && options[i].thread != first_) continue;
      if (best < 0 || priority_[options[i].thread] > priority_[options[best].thread]) best = i;
    }
    if (best < 0) {
      first_count_ = 0;
      return choose(options, count);
    }
    const int thread = options[best].thread;
    if (is_interesting(options[best])) {
      --first_count_;
      if (remaining_[thread] > 0) --remaining_[thread];
    }
    priority_[thread] = random_.next();
    return best;
  }

  bool is_interesting(const Option& option) const { return word_of(option.object) == object_; }

  static bool is_among(int thread, const Option* options, int count) {
    for (int i = 0; i < count; ++i) {
      if (options[i].thread == thread) return true;
    }
    return false;
  }

  // A profile may have seen fewer operations than there are: who stands at one has one at least.
  std::uint64_t weight(const Option& option) const {
    const std::uint32_t remaining = remaining_[option.thread];
    return remaining == 0 && is_interesting(option) ? 1 : remaining;
  }

  int draw(const Option* options, int count) {
    std::uint64_t sum = 0;
    for (int i = 0; i < count; ++i) sum += weight(options[i]);
    if (sum == 0) return options[random_.below(count)].thread;
    std::uint64_t at = random_.below(sum);
    for (int i = 0; i < count; ++i) {
      if (at < weight(options[i])) return options[i].thread;
      at -= weight(options[i]);
    }
    return options[count - 1].thread;
  }

  int best_of(const Option* options, int count) const {
    int best = -1;
    for (int i = 0; i < count; ++i) {
      if (is_interesting(options[i]) && options[i].thread != intended_) continue;
      if (best < 0 || priority_[options[i].thread] > priority_[options[best].thread]) best = i;
    }
    return best;
  }

  Random& random_;
  std::uint64_t object_;
  int first_;
  int first_count_;
  int intended_ = -1;
  std::uint32_t subtree_[kMaxThreads] = {};
  std::uint32_t remaining_[kMaxThreads] = {};
  std::uint64_t priority_[kMaxThreads] = {};
};
static_assert(sizeof(Surw) <= kStrategyBytes);

}  // namespace

Strategy* make_surw(void* memory, Random& random, const Plan& plan) {
  return new (memory) Surw(random, plan);
}

}  // namespace kit::explore
