#include <new>

#include "grader/explore/runtime/strategy.h"

namespace kit::explore {
namespace {

class Pos final : public Strategy {
 public:
  explicit Pos(Random& random) : random_(random) { on_create(0, -1); }

  int choose(const Option* options, int count) override {
    int best = 0;
    for (int i = 1; i < count; ++i) {
      if (priority_[options[i].thread] > priority_[options[best].thread]) best = i;
    }
    for (int i = 0; i < count; ++i) {
      if (i == best || conflict(options[i], options[best]))
        priority_[options[i].thread] = random_.next();
    }
    return best;
  }

  // A new thread is first behind none: that it exists is what the others have not seen yet.
  void on_create(int thread, int) override { priority_[thread] = random_.next() | (1ull << 63); }

 private:
  static bool conflict(const Option& a, const Option& b) {
    return word_of(a.object) == word_of(b.object) && (a.writes || b.writes);
  }

  Random& random_;
  std::uint64_t priority_[kMaxThreads] = {};
};
static_assert(sizeof(Pos) <= kStrategyBytes);

}  // namespace

Strategy* make_pos(void* memory, Random& random) { return new (memory) Pos(random); }

}  // namespace kit::explore
