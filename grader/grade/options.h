// The command line, as a value.
//
// Thread-safety: plain values. Errors: what is wrong with the arguments is written to standard
// error by parse_options, which then gives the exit status instead of options.
#ifndef GRADER_GRADE_OPTIONS_H_
#define GRADER_GRADE_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "grader/grade/plan.h"

namespace kit::grade {

enum class Command { kList, kGrade, kWatch, kReproduce, kPack, kHandout, kClass, kAutograder };

struct Options {
  Command command = Command::kList;
  std::string lab;
  std::string subject;     // a label; empty: the student's
  std::string submission;  // a folder or an archive; graded in place of the subject
  std::string checks;      // a folder of an instructor's own; empty: the lab's alone
  bool requires_sandbox = false;
  Selection selection;
  std::string format = "text";
  std::string output;                 // empty: standard output
  std::optional<double> min_score;    // in percent
  std::optional<std::uint32_t> seed;  // of what the checks choose by chance
  std::string token;                  // of reproduce
  bool has_gdb = false;
  bool is_as_it_comes = false;  // the report is written after each run of checks, too
  std::string folder;           // of class: where the submissions lie
  std::string rules;            // of class: a file of late days and weights
  std::string manifests;        // the list of labs; empty: the one that Bazel brought along
};

// The exit status when there is nothing to do: 0 after --help, 2 for wrong usage.
std::variant<Options, int> parse_options(int argc, const char* const* argv);

}  // namespace kit::grade

#endif  // GRADER_GRADE_OPTIONS_H_
