// A grade in the forms in which it is handed on. Each form has a source of its own.
//
// All of them show what varies() marked as it is, without the marks, and none writes bytes that its
// form forbids (control characters in XML, broken UTF-8 in JSON).
//
// Thread-safety: pure functions. Errors: none.
#ifndef GRADER_GRADE_REPORT_H_
#define GRADER_GRADE_REPORT_H_

#include <string>
#include <vector>

#include "grader/grade/score.h"

namespace kit::grade {

struct TextStyle {
  int width = 100;
  bool has_colour = false;
};

// The words that --format understands.
const std::vector<std::string>& report_formats();

// `style` is for text alone.
std::string make_report(const std::string& format, const Grade& grade, const TextStyle& style);

// For a person: step by step, then the first thing to work on in full, then the sum.
std::string text_report(const Grade& grade, const TextStyle& style);
// The contract that scripts rely on: design.md, "Contract of the command line".
std::string json_report(const Grade& grade);
// One file, readable without a network, without scripts, on a phone and on paper.
std::string html_report(const Grade& grade);
// For CI systems: a suite for each step, a case for each check and mode.
std::string junit_report(const Grade& grade);
// results.json of a Gradescope autograder, and of a PrairieLearn external grader (1 MB at most).
std::string gradescope_report(const Grade& grade);
std::string prairielearn_report(const Grade& grade);
// For GitHub Classroom: a line "step1=<base64>" for each step, as $GITHUB_OUTPUT takes it.
std::string github_report(const Grade& grade);

// Sums that every form ends with: "12 of 100 points (12 %)", and what was left out of them.
std::string sum_line(const Grade& grade);
std::vector<std::string> caveats(const Grade& grade);

// A row's status as a person says it, "not run" included.
std::string row_phrase(const Row& row);

// The row that speaks for all rows of the step, when none passed and all say the same (the code
// does not compile); else null.
const Row* common_cause(const StepGrade& step);

// Valid UTF-8 without the control characters that neither XML nor a terminal should get; marks of
// varies() go, newlines and tabs stay.
std::string clean_text(const std::string& text);

}  // namespace kit::grade

#endif  // GRADER_GRADE_REPORT_H_
