// Which schedules a campaign runs: strategies in turn, fine and coarse.
//
//     POS and SURW     nine of twenty each: they find the most, and not the same
//     PCT(3), random   one of twenty each
//
// Every second schedule switches at all memory that is written and shared, the others only at
// synchronisation and at memory that has shown a race: to switch everywhere hides what builds up
// slowly. A third lets condition variables wake without a signal and reads and writes be short;
// what is found so is right by the letter of POSIX.
//
// Three turns are given to what chance hardly ever brings about:
//
//     first     of a SURW schedule's threads, one comes first at the object that is looked at. It
//               is drawn by what the threads do there, so that the one that checks what ninety-nine
//               others set is not one of a hundred, but one of two. Every second SURW schedule.
//     nested    a thread that has a lock gets another one last: all of them then stand there with
//               their first one, as in every deadlock. One schedule of eight.
//     turns     from a random step on, threads take turns (runtime/turns.h): who tries again in
//               step with others, or waits while others come and go, does so for ever. One of
//               eight.
//
// SURW and PCT know the program from runs that were profiled on the way: after 0, 8, 64, 512...
//
// The same seed gives the same schedules. Thread-safety: none. Sources: strategy.h.
#ifndef GRADER_EXPLORE_DRIVER_MIX_H_
#define GRADER_EXPLORE_DRIVER_MIX_H_

#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "grader/explore/channel.h"

namespace kit::explore {

struct MixOptions {
  std::uint64_t seed = 1;
  std::optional<StrategyKind> only;  // all of them with one strategy
  bool deaths = false;
  std::uint32_t step_limit = 10'000;
};

class Mix {
 public:
  explicit Mix(const MixOptions& options);

  Plan plan(int number);
  // The run of the plan with that number has ended.
  void learn(int number, const Channel& channel);

 private:
  struct Interest {
    std::uint64_t object;
    std::vector<std::uint32_t> counts;
    std::vector<std::vector<int>> groups;  // of threads that come to it at the same place
    int users = 0;
  };

  void profile(const Channel& channel);
  StrategyKind kind_of(int number) const;
  void choose_object(Plan& plan, std::mt19937_64& random) const;
  const Interest& draw_interest(std::mt19937_64& random) const;
  static void choose_first(Plan& plan, const Interest& interest, std::mt19937_64& random);

  MixOptions options_;
  std::vector<Interest> interests_;
  std::uint32_t usual_steps_ = 100;
};

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_DRIVER_MIX_H_
