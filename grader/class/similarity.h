// Who handed in nearly the same, as a hint: a person has to look.
//
// What the starter has is taken out first, line by line, since all have that. The comparison itself
// is Debian's similarity-tester, which compares tokens: other names, other comments and another
// layout do not hide a copy.
//
// Thread-safety: one thread. Errors: GraderError when the tester cannot be run or takes too long; a
// class is graded without it, too.
// Source: sim(1).
#ifndef GRADER_CLASS_SIMILARITY_H_
#define GRADER_CLASS_SIMILARITY_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "grader/class/summary.h"

namespace kit::grade {

struct Work {
  std::string student;
  std::string text;  // own_text() of the files
};

// The lines of a text, without the spaces around them and without those that say little ("}").
std::set<std::string> telling_lines(const std::string& text);

// The files' lines that are not in `given`.
std::string own_text(const std::map<std::string, std::string>& files,
                     const std::set<std::string>& given);

// Pairs of which at least `min_percent` of the first is in the second, the most alike first.
std::vector<Likeness> find_alike(const std::vector<Work>& works, int min_percent);

// What the tester wrote, which calls the works "0.cc", "1.cc", ...
std::vector<Likeness> parse_alike(const std::string& output, const std::vector<Work>& works);

}  // namespace kit::grade

#endif  // GRADER_CLASS_SIMILARITY_H_
