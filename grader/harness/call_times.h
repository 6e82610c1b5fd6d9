// CallTimes: whether a call of a probe slept while it waited, or used the processor.
//
//     thread_local kit::CallTimes t_times;
//     t_times.measure([&] { return call_server(name, args); });   // returns what the call returns
//     t_times.cpu();                                              // of the last one: "asleep"
//
// A call that throws is not counted. Under the explorer time is not real, and the processor's is
// not asked for. Thread-safety: none: one for each thread.
// Source: clock_gettime(2), CLOCK_THREAD_CPUTIME_ID.
#ifndef GRADER_HARNESS_CALL_TIMES_H_
#define GRADER_HARNESS_CALL_TIMES_H_

#include <time.h>

#include <cstdint>
#include <string>

extern "C" bool kit_is_explored() __attribute__((weak));

namespace kit {

class CallTimes {
 public:
  template <typename Call>
  std::string measure(const Call& call) {
    const bool is_explored = kit_is_explored != nullptr && kit_is_explored();
    const std::int64_t cpu_ms = is_explored ? 0 : now_ms(CLOCK_THREAD_CPUTIME_ID);
    const std::int64_t begin_ms = now_ms(CLOCK_MONOTONIC);
    std::string result = call();
    if (!is_explored) cpu_ms_ = now_ms(CLOCK_THREAD_CPUTIME_ID) - cpu_ms;
    wall_ms_ = now_ms(CLOCK_MONOTONIC) - begin_ms;
    return result;
  }

  std::string cpu() const {
    if (wall_ms_ < 20) return "it came back at once";
    return cpu_ms_ * 4 < wall_ms_ ? "asleep" : "busy";
  }

 private:
  static std::int64_t now_ms(clockid_t clock) {
    timespec now;
    ::clock_gettime(clock, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
  }

  std::int64_t cpu_ms_ = 0;
  std::int64_t wall_ms_ = 0;
};

}  // namespace kit

#endif  // GRADER_HARNESS_CALL_TIMES_H_
