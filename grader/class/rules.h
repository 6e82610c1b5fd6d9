// Late days and weights: one small file of JSON, which a person writes.
//
//     {
//       "due": "2026-11-01T23:59:59Z",
//       "submitted": {"ann": "2026-11-03T10:00:00Z"},
//       "days_late": {"bob": 1},
//       "extensions": {"ann": 1},
//       "late": {"free_days": 1, "percent_per_day": 10, "max_days": 5},
//       "weights": {"1": 1, "2": 3}
//     }
//
// Everything may be left out. A begun day is a day. `days_late` says what `due` and `submitted`
// would; `extensions` are days that somebody was given. A step without a weight counts as many
// times as it has points, when no weights are given at all, and nothing when some are.
//
// Thread-safety: plain values. Errors: UsageError, which names the key: a word that nobody knows is
// a mistake, and would cost somebody points in silence.
#ifndef GRADER_CLASS_RULES_H_
#define GRADER_CLASS_RULES_H_

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace kit::grade {

struct Rules {
  std::map<std::string, int> days_late;  // as handed in, before anything is given for free
  std::map<std::string, int> extensions;
  int free_days = 0;
  double percent_per_day = 0;
  int max_days = 365;             // beyond these (free ones included) nothing is left
  std::map<int, double> weights;  // by step; empty: by points

  // The part of the grade that is left, 0 to 1, and the days that are counted.
  int days_charged(const std::string& student) const;
  double late_factor(const std::string& student) const;
  // Names in the file that are not among `students`: misspelt, most likely.
  std::vector<std::string> unknown_names(const std::vector<std::string>& students) const;
};

Rules parse_rules(const std::string& json);
Rules read_rules(const std::filesystem::path& file);

}  // namespace kit::grade

#endif  // GRADER_CLASS_RULES_H_
