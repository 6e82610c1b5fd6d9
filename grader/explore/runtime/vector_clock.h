// A vector clock: for each thread, how much of its past has been seen.
//
// Thread-safety: none; whoever holds the baton writes.
// Source: Mattern, Virtual time and global states of distributed systems (1989); as used for races
// by Flanagan and Freund, FastTrack (PLDI 2009).
#ifndef GRADER_EXPLORE_RUNTIME_VECTOR_CLOCK_H_
#define GRADER_EXPLORE_RUNTIME_VECTOR_CLOCK_H_

#include <cstdint>

#include "grader/explore/channel.h"

namespace kit::explore {

class VectorClock {
 public:
  std::uint32_t at(int thread) const { return times_[thread]; }
  void tick(int thread) { ++times_[thread]; }

  // From here on, everything that `other` has seen has been seen here too.
  void join(const VectorClock& other, int threads) {
    for (int i = 0; i < threads; ++i) {
      if (other.times_[i] > times_[i]) times_[i] = other.times_[i];
    }
  }
  void assign(const VectorClock& other, int threads) {
    for (int i = 0; i < threads; ++i) times_[i] = other.times_[i];
  }
  void clear(int threads) {
    for (int i = 0; i < threads; ++i) times_[i] = 0;
  }

 private:
  std::uint32_t times_[kMaxThreads];
};

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_RUNTIME_VECTOR_CLOCK_H_
