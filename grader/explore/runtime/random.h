// The runtime's randomness: all of a run's choices come from one seed.
//
// Source: Steele, Lea, Flood: Fast splittable pseudorandom number generators (OOPSLA 2014).
#ifndef GRADER_EXPLORE_RUNTIME_RANDOM_H_
#define GRADER_EXPLORE_RUNTIME_RANDOM_H_

#include <cstdint>

namespace kit::explore {

class Random {
 public:
  void seed(std::uint64_t seed) { state_ = seed * 0x2545F4914F6CDD1Dull + 12345; }

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ull);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }
  // A number under `bound`; 0 when `bound` is 0.
  std::uint64_t below(std::uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
  bool one_in(std::uint64_t bound) { return below(bound) == 0; }

 private:
  std::uint64_t state_;
};

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_RUNTIME_RANDOM_H_
