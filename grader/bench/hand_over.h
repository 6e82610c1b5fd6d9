// Hand-overs: what it costs when one thread wakes another one and goes to sleep.
//
// Where chunks go from process to process, most of the time goes into this, and it depends much on
// whether both run on one processor: to wake another processor takes an interrupt, which in a
// virtual machine may cost ten times as much as the rest. The scheduler puts the two where it
// likes, and a figure that depends on its mood says little. So a benchmark may say where.
//
// Thread-safety: none of these changes the calling thread. Errors: std::system_error.
// Source: sched_setaffinity(2), taskset(1).
#ifndef GRADER_BENCH_HAND_OVER_H_
#define GRADER_BENCH_HAND_OVER_H_

#include <string>
#include <vector>

namespace kit::bench {

// The processors that this program may use.
std::vector<int> processors();

// The command line that starts `argv` on one processor.
std::vector<std::string> on_processor(int processor, std::vector<std::string> argv);

// From the post of a thread on one processor until one on the other goes on, in microseconds.
double hand_over_us(int one, int other);

// Prints it for one processor and for two, if there are two.
void show_hand_overs();

}  // namespace kit::bench

#endif  // GRADER_BENCH_HAND_OVER_H_
