// The two ways in which the program itself can end badly. Everything else is a finding.
//
// A message is for a person: what is wrong, and what to do about it. main() prints it and exits.
#ifndef GRADER_GRADE_ERRORS_H_
#define GRADER_GRADE_ERRORS_H_

#include <stdexcept>
#include <string>

namespace kit::grade {

// Exit statuses, which scripts rely on.
inline constexpr int kExitGraded = 0;
inline constexpr int kExitBelowMinimum = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitGraderFailed = 3;

// What was asked for makes no sense: exit 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The grader could not do its work: exit 3. Costs no points.
class GraderError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// "<what>: <text of errno>" as a GraderError.
[[noreturn]] void throw_errno(const std::string& what);

}  // namespace kit::grade

#endif  // GRADER_GRADE_ERRORS_H_
