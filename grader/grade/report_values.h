// What the reports that are JSON have in common: numbers, texts of a bounded length, base64.
//
// Thread-safety: pure functions. Errors: none.
#ifndef GRADER_GRADE_REPORT_VALUES_H_
#define GRADER_GRADE_REPORT_VALUES_H_

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "grader/grade/score.h"

namespace kit::grade {

using Json = nlohmann::ordered_json;

// 2 rather than 2.0 where that says the same.
Json number(double value);

// The document with its last newline. Broken UTF-8 cannot make it fail.
std::string json_text(const Json& json);

// The whole finding of a row as text for a web page that shows no colours; empty when it passed.
// A text of more than `max_bytes` is cut, and says so.
std::string finding_text(const StepGrade& step, const Row& row, std::size_t max_bytes);

// "12 of 100 points (12 %)" and what was left out of it, a line each.
std::string sum_text(const Grade& grade);

// RFC 4648, section 4, with padding.
std::string base64(std::string_view bytes);

}  // namespace kit::grade

#endif  // GRADER_GRADE_REPORT_VALUES_H_
