// The summary of a class as files: a table for a spreadsheet, and a page for a person.
//
// Names come from outside. In the table, a text that a spreadsheet would take for a formula gets a
// quote in front; on the page nothing is markup but ours.
//
// Thread-safety: pure functions. Errors: none.
// Source: RFC 4180; owasp.org/www-community/attacks/CSV_Injection
#ifndef GRADER_CLASS_EXPORTS_H_
#define GRADER_CLASS_EXPORTS_H_

#include <string>

#include "grader/class/summary.h"

namespace kit::grade {

std::string class_csv(const ClassSummary& summary);

// One file without scripts; it links reports/<page>.html of each student, relative to itself.
std::string class_html(const ClassSummary& summary);

// "graded", "refused", "not gradable", "not yet"
std::string outcome_phrase(const ClassRow& row);

}  // namespace kit::grade

#endif  // GRADER_CLASS_EXPORTS_H_
