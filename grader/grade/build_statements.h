// A BUILD file, statement by statement, as buildifier lays it out: a statement begins in the first
// column, and ends on its line or with a bracket in the first column.
//
// Thread-safety: pure functions. Errors: none; text of another layout becomes fewer statements.
#ifndef GRADER_GRADE_BUILD_STATEMENTS_H_
#define GRADER_GRADE_BUILD_STATEMENTS_H_

#include <string>
#include <vector>

namespace kit::grade {

// Each with the comments and empty lines in front of it; together they are the text.
std::vector<std::string> build_statements(const std::string& text);

// What stands behind `name =`; empty when nothing does.
std::string target_name(const std::string& statement);

// A BUILD file without the targets that name one of the solutions, and without those that stand on
// such a target.
std::string without_solutions(const std::string& build);

}  // namespace kit::grade

#endif  // GRADER_GRADE_BUILD_STATEMENTS_H_
