// What every benchmark can be told: --rounds N, --round-ms N, --connections N.
//
// Errors: usage is printed and the program exits, with status 0 for --help and 2 for a mistake.
#ifndef GRADER_BENCH_OPTIONS_H_
#define GRADER_BENCH_OPTIONS_H_

#include <string>
#include <vector>

#include "grader/bench/compare.h"

namespace kit::bench {

struct Options {
  Rounds rounds;
  std::vector<int> connections = {1, 8, 64};
};

Options parse_options(int argc, char** argv, const std::string& name);

}  // namespace kit::bench

#endif  // GRADER_BENCH_OPTIONS_H_
