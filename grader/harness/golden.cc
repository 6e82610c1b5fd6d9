#include "grader/harness/golden.h"

#include <sstream>

#include "grader/harness/finding.h"

namespace kit {
namespace {

bool is_heading(const std::string& line) {
  return line.rfind("  ", 0) == 0 && line.rfind("   ", 0) != 0;
}

bool is_story(const std::string& heading) {
  return heading == "  What was done" || heading == "  Evidence";
}

}  // namespace

std::string words_of_golden(std::string_view text) {
  std::istringstream lines(without_varying(text));
  std::string line;
  std::getline(lines, line);
  std::string out;
  // Where a line was broken depends on the length of what varies.
  const auto add_words = [&out](const std::string& of) {
    std::istringstream words(of);
    for (std::string word; words >> word;) out += word + ' ';
  };
  add_words(line);
  const bool is_plain_failure =
      line.size() > 8 && line.compare(line.size() - 8, 8, ": failed") == 0;
  std::string heading;
  int lines_of_section = 0;
  while (std::getline(lines, line)) {
    if (is_heading(line)) {
      heading = line;
      lines_of_section = 0;
    } else {
      ++lines_of_section;
    }
    const bool is_detail = heading == "  Observed" && !is_plain_failure && lines_of_section > 1;
    if (!is_story(heading) && !is_detail) add_words(line);
  }
  return out;
}

}  // namespace kit
