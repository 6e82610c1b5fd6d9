// The command line, as a value.
//
// Thread-safety: plain values. Errors: what is wrong with the arguments is written to standard
// error by parse_options, which then gives the exit status instead of options.
#ifndef GRADER_GRADE_OPTIONS_H_
#define GRADER_GRADE_OPTIONS_H_

#include <optional>
#include <string>
#include <variant>

#include "grader/grade/plan.h"

namespace kit::grade {

enum class Command { kList, kGrade, kWatch, kReproduce };

struct Options {
  Command command = Command::kList;
  std::string lab;
  std::string subject;  // a label; empty: the student's
  Selection selection;
  std::string format = "text";
  std::string output;               // empty: standard output
  std::optional<double> min_score;  // in percent
  std::string token;                // of reproduce
  bool has_gdb = false;
  std::string manifests;  // the list of labs; empty: the one that Bazel brought along
};

// The exit status when there is nothing to do: 0 after --help, 2 for wrong usage.
std::variant<Options, int> parse_options(int argc, const char* const* argv);

}  // namespace kit::grade

#endif  // GRADER_GRADE_OPTIONS_H_
