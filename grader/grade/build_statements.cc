#include "grader/grade/build_statements.h"

#include <algorithm>
#include <set>
#include <sstream>
#include <string_view>

namespace kit::grade {
namespace {

// "x = [" and "rule(" go on in the next line.
bool is_opening(const std::string& line) {
  return line.ends_with('(') || line.ends_with('[') || line.ends_with('{');
}

bool is_closing(const std::string& line) {
  return line.starts_with(')') || line.starts_with(']') || line.starts_with('}');
}

}  // namespace

std::vector<std::string> build_statements(const std::string& text) {
  std::vector<std::string> statements(1);
  bool is_open = false;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    statements.back() += line + "\n";
    const bool is_comment = line.empty() || line.starts_with('#');
    const bool begins = !is_open && !is_comment && !line.starts_with(' ');
    if (begins) is_open = is_opening(line);
    if (is_open && is_closing(line)) is_open = is_opening(line);  // "] + [" goes on
    if (!is_open && !is_comment) statements.emplace_back();
  }
  if (statements.back().empty()) statements.pop_back();
  return statements;
}

std::string target_name(const std::string& statement) {
  constexpr std::string_view kName = "    name = \"";
  const std::size_t found = statement.find(kName);
  if (found == std::string::npos) return "";
  const std::size_t begin = found + kName.size();
  return statement.substr(begin, statement.find('"', begin) - begin);
}

std::string without_solutions(const std::string& build) {
  std::set<std::string> gone;  // what must not be named, with its quotes
  const auto is_out = [&](const std::string& statement) {
    return statement.find("\"//solutions/") != std::string::npos ||
           std::any_of(gone.begin(), gone.end(), [&](const std::string& name) {
             return statement.find(name) != std::string::npos;
           });
  };
  std::vector<std::string> statements = build_statements(build);
  for (std::size_t before = 0; before != statements.size();) {
    before = statements.size();
    for (const std::string& statement : statements) {
      const std::string name = target_name(statement);
      if (is_out(statement) && !name.empty()) gone.insert("\":" + name + "\"");
    }
    std::erase_if(statements, is_out);
  }
  std::string out;
  for (const std::string& statement : statements) out += statement;
  return out;
}

}  // namespace kit::grade
