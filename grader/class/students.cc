#include "grader/class/students.h"

#include <algorithm>
#include <optional>

#include "grader/class/digest.h"
#include "grader/grade/errors.h"

namespace kit::grade {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHashDigits = 8;
constexpr std::size_t kMaxPage = 80;

bool is_safe(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

// What had to be changed gets a hash of the name, so that two names never share a page.
std::string page_of(const std::string& name) {
  std::string page = name;
  for (char& c : page) c = is_safe(c) ? c : '_';
  if (page == name && page.size() <= kMaxPage && !page.starts_with('.')) return page;
  Digest digest;
  digest.add(name);
  return "s" + page.substr(0, kMaxPage) + "-" + digest.hex().substr(0, kHashDigits);
}

std::optional<std::string> student_name(const fs::directory_entry& entry) {
  const std::string name = entry.path().filename().string();
  if (name.starts_with('.')) return std::nullopt;
  if (entry.is_directory() && !entry.is_symlink()) return name;
  for (const char* ending : {".tar.gz", ".tgz", ".tar", ".zip"}) {
    if (name.ends_with(ending) && name != ending) {
      return name.substr(0, name.size() - std::string(ending).size());
    }
  }
  return std::nullopt;
}

void refuse_twins(const std::vector<Student>& students) {
  const auto twin =
      std::adjacent_find(students.begin(), students.end(),
                         [](const Student& a, const Student& b) { return a.name == b.name; });
  if (twin == students.end()) return;
  throw UsageError("two entries for '" + twin->name + "': " + twin->path.filename().string() +
                   " and " + std::next(twin)->path.filename().string() + "; which one counts?");
}

}  // namespace

Students find_students(const fs::path& folder) {
  std::error_code error;
  fs::directory_iterator it(folder, error);
  if (error) throw UsageError("cannot read the folder " + folder.string() + ": " + error.message());
  Students students;
  for (const fs::directory_entry& entry : it) {
    if (const auto name = student_name(entry)) {
      students.all.push_back({*name, page_of(*name), entry.path()});
    } else {
      students.ignored.push_back(entry.path().filename().string());
    }
  }
  std::sort(students.all.begin(), students.all.end(),
            [](const Student& a, const Student& b) { return a.name < b.name; });
  std::sort(students.ignored.begin(), students.ignored.end());
  refuse_twins(students.all);
  return students;
}

}  // namespace kit::grade
