#include "grader/dipc/left_objects.h"

#include <filesystem>
#include <set>
#include <system_error>

#include "grader/harness/check.h"
#include "grader/harness/leftovers.h"

namespace kit::dipc_lab {
namespace {

namespace fs = std::filesystem;

constexpr char kFolder[] = "/dev/shm";

bool has_own_folder() {
  static const bool has = describe_isolation().find("own /dev/shm") != std::string::npos;
  return has;
}

std::set<std::string> list_files() {
  std::set<std::string> files;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(kFolder, ignored)) files.insert(entry.path());
  return files;
}

// Each check has a process of its own, so this is the check's.
const std::set<std::string>& files_before() {
  static const auto& before = *new std::set<std::string>(list_files());
  return before;
}

}  // namespace

void remember_objects() { static_cast<void>(files_before()); }

std::vector<std::string> object_files() {
  std::vector<std::string> files;
  if (!has_own_folder()) return files;
  for (const std::string& file : list_files()) {
    if (files_before().count(file) == 0) files.push_back(file);
  }
  return files;
}

std::vector<LeftObject> take_left_objects() {
  // First those whose line is known. The same object is told as often as it was opened, and is
  // there only once.
  std::vector<LeftObject> left = sweep_made_objects(box().take_events(), config().own_code);
  for (const std::string& file : object_files()) {
    left.push_back({file, ""});
    std::error_code ignored;
    fs::remove(file, ignored);
  }
  return left;
}

void require_no_objects(const std::string& when) {
  std::string list;
  for (const LeftObject& object : take_left_objects()) {
    list += (list.empty() ? "" : "\n") + object.what;
    if (object.place.empty()) continue;
    list += ", made at " + object.place;
    point_at(object.place);
  }
  if (list.empty()) return;
  fail("no shared memory and no semaphore is left " + when, "left behind: " + list,
       Status::kLeaked);
}

}  // namespace kit::dipc_lab
