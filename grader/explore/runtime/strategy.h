// A strategy: which of the enabled threads goes on.
//
//     random   each of them with the same chance
//     POS      each operation has a random priority, drawn anew whenever an operation that
//     conflicts
//              with it has happened (Yuan, Yang, Gu: Partial order aware concurrency sampling, CAV
//              2018)
//     SURW     the operations on one object are spread evenly over all their orders, by how many of
//              them each thread still has before it (Zhao et al.: Selectively uniform concurrency
//              testing, ASPLOS 2025)
//     PCT      threads have priorities, and at d - 1 random steps the running one drops below all
//              others: finds a bug of depth d with a probability that has a lower bound
//              (Burckhardt, Kothari, Musuvathi, Nagarakatte: A randomized scheduler with
//              probabilistic guarantees of finding bugs, ASPLOS 2010)
//
// Ownership: a strategy lies in the world, so that all processes of a run share it. No destructor.
// Thread-safety: the baton's holder.
#ifndef GRADER_EXPLORE_RUNTIME_STRATEGY_H_
#define GRADER_EXPLORE_RUNTIME_STRATEGY_H_

#include "grader/explore/channel.h"
#include "grader/explore/runtime/random.h"

namespace kit::explore {

// An enabled thread and the operation at which it stands.
struct Option {
  int thread;
  Op op;
  std::uint64_t object;
  bool writes;
};

class Strategy {
 public:
  // The place in `options` of the one that goes on. `count` is at least 1.
  virtual int choose(const Option* options, int count) = 0;
  // A thread was made by another.
  virtual void on_create(int thread, int creator) = 0;

 protected:
  ~Strategy() = default;
};

// Makes the one that the plan names, in `memory`.
Strategy* make_random(void* memory, Random& random);
Strategy* make_pos(void* memory, Random& random);
Strategy* make_surw(void* memory, Random& random, const Plan& plan);
Strategy* make_pct(void* memory, Random& random, const Plan& plan);

// Operations on one word of memory, or on one object, are the same to a strategy.
constexpr std::uint64_t word_of(std::uint64_t object) { return object >> 3; }

inline constexpr std::size_t kStrategyBytes = kMaxThreads * 32;

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_RUNTIME_STRATEGY_H_
