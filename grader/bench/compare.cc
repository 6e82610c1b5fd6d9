#include "grader/bench/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace kit::bench {
namespace {

// Long enough for the kernel to have grown the sockets' buffers, and for a cold page to be touched.
constexpr std::int64_t kWarmUpMs = 50;

double median_of(const std::vector<Figures>& rounds, double Figures::*figure) {
  std::vector<double> values;
  for (const Figures& round : rounds) values.push_back(round.*figure);
  return median(std::move(values));
}

Figures medians(const std::vector<Figures>& rounds) {
  return {median_of(rounds, &Figures::per_second), median_of(rounds, &Figures::p99_us)};
}

double median_ratio(const std::vector<Figures>& ours, const std::vector<Figures>& theirs,
                    double Figures::*figure) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < theirs.size(); ++i) {
    ratios.push_back(ours[i].*figure / (theirs[i].*figure));
  }
  return median(std::move(ratios));
}

Run run_of(const Contender& contender) {
  return [&contender](std::int64_t duration_ms) {
    return contender.load.run(contender.operations, duration_ms);
  };
}

}  // namespace

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  if (values.size() % 2 == 1) return values[middle];
  return (values[middle - 1] + values[middle]) / 2;
}

Comparison compare(const Run& ours, const Run& theirs, const Rounds& rounds) {
  ours(kWarmUpMs);
  if (theirs) theirs(kWarmUpMs);
  std::vector<Figures> our_rounds;
  std::vector<Figures> their_rounds;
  for (int i = 0; i < rounds.count; ++i) {
    our_rounds.push_back(ours(rounds.duration_ms));
    if (theirs) their_rounds.push_back(theirs(rounds.duration_ms));
  }
  return {medians(our_rounds), medians(their_rounds),
          median_ratio(our_rounds, their_rounds, &Figures::per_second),
          median_ratio(our_rounds, their_rounds, &Figures::p99_us)};
}

Comparison compare(const Contender& ours, const std::optional<Contender>& theirs,
                   const Rounds& rounds) {
  return compare(run_of(ours), theirs ? run_of(*theirs) : Run(), rounds);
}

std::string table_head(const std::string& their_name) {
  return fmt::format("{:26}{:>30}{:>30}\n{:26}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}\n", "",
                     "requests a second", "p99, microseconds", "", "ours", their_name, "ratio",
                     "ours", their_name, "ratio");
}

std::string table_line(const std::string& label, const Comparison& comparison) {
  const auto& [ours, theirs, rate_ratio, p99_ratio] = comparison;
  if (theirs.per_second == 0) {
    return fmt::format("{:26.26}{:10.0f}{:>10}{:>10}{:10.0f}{:>10}{:>10}\n", label, ours.per_second,
                       "-", "-", ours.p99_us, "-", "-");
  }
  return fmt::format("{:26.26}{:10.0f}{:10.0f}{:10.2f}{:10.0f}{:10.0f}{:10.2f}\n", label,
                     ours.per_second, theirs.per_second, rate_ratio, ours.p99_us, theirs.p99_us,
                     p99_ratio);
}

void show(const std::string& label, const Run& ours, const Run& theirs, const Rounds& rounds) {
  std::fputs(table_line(label, compare(ours, theirs, rounds)).c_str(), stdout);
  std::fflush(stdout);
}

void show(const std::string& label, const Contender& ours, const std::optional<Contender>& theirs,
          const Rounds& rounds) {
  show(label, run_of(ours), theirs ? run_of(*theirs) : Run(), rounds);
}

}  // namespace kit::bench
