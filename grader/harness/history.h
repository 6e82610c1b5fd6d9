// A history: what a scenario's calls came to, and when.
//
// Each thread of a probe writes its own part in memory of its own, so recording synchronises
// nothing. Times are CLOCK_MONOTONIC nanoseconds of the machine: operation A came before B when A
// ended before B began. Otherwise they overlapped, and either order is possible.
#ifndef GRADER_HARNESS_HISTORY_H_
#define GRADER_HARNESS_HISTORY_H_

#include <cstdint>
#include <string>
#include <vector>

namespace kit {

struct Operation {
  int thread = 0;  // from 0
  int index = 0;   // of the call within its thread, from 0
  std::string call;
  std::vector<std::string> args;
  std::string result;      // what the call returned, as the probe writes it; empty while pending
  bool completed = false;  // false: the call had not returned when the history was read
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;  // meaningless while pending
};

// In order of thread and index.
using History = std::vector<Operation>;

// For a person: a line per operation in order of their beginning, "thread 0: push(ann, hi) -> 1".
std::string render(const History& history);
std::string render(const Operation& operation);

}  // namespace kit

#endif  // GRADER_HARNESS_HISTORY_H_
