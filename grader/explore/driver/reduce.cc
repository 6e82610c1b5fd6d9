#include "grader/explore/driver/reduce.h"

#include <algorithm>

namespace kit::explore {
namespace {

constexpr int kMaxRuns = 400;
constexpr std::uint64_t kMaxOperations = 40'000'000;  // of all of them: long runs mean fewer

// Places in the schedule at which a thread was interrupted.
std::vector<std::size_t> preempting(const Schedule& schedule) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < schedule.switches.size(); ++i) {
    if (schedule.switches[i].preempts != 0) places.push_back(i);
  }
  return places;
}

std::size_t size_of(const Schedule& schedule) {
  return preempting(schedule).size() * 10'000 + schedule.switches.size();
}

// Without the preemptions in [first, last) of `places`: the thread that was interrupted goes on
// until the schedule comes back to it, and what the others did meanwhile comes after.
Schedule without(const Schedule& schedule, const std::vector<std::size_t>& places,
                 std::size_t first, std::size_t last) {
  Schedule shorter = schedule;
  shorter.switches.clear();
  for (std::size_t i = 0; i < schedule.switches.size(); ++i) {
    const bool is_left_out = std::binary_search(places.begin() + first, places.begin() + last, i);
    if (!is_left_out) shorter.switches.push_back(schedule.switches[i]);
  }
  return shorter;
}

class Reducer {
 public:
  Reducer(Subject& subject, Schedule schedule, const std::function<bool(const Outcome&)>& fails)
      : subject_(subject), best_(std::move(schedule)), fails_(fails) {}

  Schedule run() {
    attempt(best_);  // what really happens under it, without the choices that made no difference
    std::size_t chunk = std::max<std::size_t>(preempting(best_).size() / 2, 1);
    while (has_budget()) {
      const bool is_smaller = pass(chunk);
      if (!is_smaller && chunk == 1) break;
      if (!is_smaller) chunk /= 2;
    }
    return best_;
  }

 private:
  // One pass over the schedule, from its end: what comes late depends on the least.
  bool pass(std::size_t chunk) {
    bool is_smaller = false;
    std::size_t end = preempting(best_).size();
    while (end > 0 && has_budget()) {
      const std::vector<std::size_t> places = preempting(best_);
      end = std::min(end, places.size());
      const std::size_t begin = end > chunk ? end - chunk : 0;
      if (end > 0 && attempt(without(best_, places, begin, end))) is_smaller = true;
      end = begin;
    }
    return is_smaller;
  }

  bool has_budget() const { return runs_ < kMaxRuns && operations_ < kMaxOperations; }

  bool attempt(const Schedule& candidate) {
    ++runs_;
    const bool is_failing = fails_(subject_.replay(candidate, /*is_hasty=*/true));
    operations_ += subject_.channel().outcome.operations;
    if (!is_failing) return false;
    const Schedule happened = subject_.last_schedule();
    if (size_of(happened) >= size_of(best_)) return false;
    best_ = happened;
    return true;
  }

  Subject& subject_;
  Schedule best_;
  const std::function<bool(const Outcome&)>& fails_;
  int runs_ = 0;
  std::uint64_t operations_ = 0;
};

}  // namespace

Schedule reduce(Subject& subject, Schedule schedule,
                const std::function<bool(const Outcome&)>& fails) {
  return Reducer(subject, std::move(schedule), fails).run();
}

}  // namespace kit::explore
