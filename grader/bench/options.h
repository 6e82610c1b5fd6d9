// What every benchmark can be told: --rounds N, --round-ms N, --connections N.
//
// Errors: usage is printed and the program exits, with status 0 for --help and 2 for a mistake.
#ifndef GRADER_BENCH_OPTIONS_H_
#define GRADER_BENCH_OPTIONS_H_

#include <functional>
#include <string>
#include <vector>

#include "grader/bench/compare.h"

namespace kit::bench {

struct Options {
  Rounds rounds;
  std::vector<int> connections = {1, 8, 64};
};

// main() of a benchmark: reads the options, says how it is measured, and calls `run`, whose
// `stop_fd` becomes readable at SIGINT and SIGTERM. Returns the exit status.
int run_bench(int argc, char** argv, const std::string& name,
              const std::function<void(const Options&, int stop_fd)>& run);

// "GET 100 KB, 8 connections"
std::string label_of(const char* operation, std::size_t bytes, int connections);

}  // namespace kit::bench

#endif  // GRADER_BENCH_OPTIONS_H_
