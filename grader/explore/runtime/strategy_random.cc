#include <new>

#include "grader/explore/runtime/strategy.h"

namespace kit::explore {
namespace {

class RandomWalk final : public Strategy {
 public:
  explicit RandomWalk(Random& random) : random_(random) {}
  int choose(const Option*, int count) override { return static_cast<int>(random_.below(count)); }
  void on_create(int, int) override {}

 private:
  Random& random_;
};

}  // namespace

Strategy* make_random(void* memory, Random& random) { return new (memory) RandomWalk(random); }

}  // namespace kit::explore
