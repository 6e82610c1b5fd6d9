// Comparing two servers on a machine that also does other things.
//
// What disturbs a measurement comes and goes, so the two take turns, A B A B, in short rounds: a
// disturbance then hits both. The figures are medians over the rounds, and a ratio is the median of
// the ratios of each two neighbouring rounds, which are the most alike.
//
// Thread-safety: none. Errors: those of Load.
#ifndef GRADER_BENCH_COMPARE_H_
#define GRADER_BENCH_COMPARE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "grader/bench/load.h"

namespace kit::bench {

struct Rounds {
  int count = 7;
  std::int64_t duration_ms = 250;
};

// One server under one load: which operations, on the connections of which Load.
struct Contender {
  Load& load;
  std::vector<Operation> operations;
};

struct Comparison {
  Figures ours;
  Figures theirs;         // all 0 when there was nobody to compare with
  double rate_ratio = 0;  // ours by theirs: more is better
  double p99_ratio = 0;   // ours by theirs: less is better
};

// Puts it under its load for about so long.
using Run = std::function<Figures(std::int64_t duration_ms)>;

// `theirs` may be empty.
Comparison compare(const Run& ours, const Run& theirs, const Rounds& rounds);
Comparison compare(const Contender& ours, const std::optional<Contender>& theirs,
                   const Rounds& rounds);

// One line of the table, and the lines above it. `label` is cut and filled to one width.
std::string table_head(const std::string& their_name);
std::string table_line(const std::string& label, const Comparison& comparison);

// Compares the two and prints their line at once.
void show(const std::string& label, const Run& ours, const Run& theirs, const Rounds& rounds);
void show(const std::string& label, const Contender& ours, const std::optional<Contender>& theirs,
          const Rounds& rounds);

// The middle one; the mean of the two in the middle when their number is even. 0 of none.
double median(std::vector<double> values);

}  // namespace kit::bench

#endif  // GRADER_BENCH_COMPARE_H_
