// A schedule: the switches between threads and the other choices of one run. What a token carries.
//
// Text form (version 1): base64url without padding of
//     the program's hash (8 bytes), the run's hash (8 bytes), flags (1: short reads and writes, 2:
//     threads take turns past the schedule's end), the number of switches, then each as `at`, `to`
//     and `why`; the number of picks, then each
// with numbers as little-endian base-128 (7 bits a byte).
//
// Thread-safety: plain values. Errors: parse_schedule() throws std::invalid_argument.
#ifndef GRADER_EXPLORE_DRIVER_SCHEDULE_H_
#define GRADER_EXPLORE_DRIVER_SCHEDULE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "grader/explore/channel.h"

namespace kit::explore {

struct Schedule {
  std::vector<Switch> switches;
  std::vector<std::uint8_t> picks;
  bool short_io = false;       // how short reads are, is among the picks
  bool takes_turns = false;    // past its end, threads take turns
  std::uint64_t run_hash = 0;  // of what happened under it, for "this is not the same code"
};

// How often a thread was left that could have gone on.
int preemptions(const Schedule& schedule);

std::string encode_schedule(const Schedule& schedule, std::uint64_t program_hash);
struct Token {
  Schedule schedule;
  std::uint64_t program_hash = 0;
};
Token parse_schedule(std::string_view text);

// A hash of the machine code in a program: the same for the same code, wherever it was built.
std::uint64_t hash_of_program(const std::string& path);

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_DRIVER_SCHEDULE_H_
