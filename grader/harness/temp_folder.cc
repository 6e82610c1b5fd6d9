#include "grader/harness/temp_folder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace kit {
namespace {

namespace fs = std::filesystem;

constexpr char kPrefix[] = "kit.";
constexpr int kAbandonedSeconds = 600;

UniqueFd open_folder(const std::string& path) {
  return UniqueFd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

bool is_abandoned(const std::string& path, int min_age_seconds) {
  const UniqueFd folder = open_folder(path);
  struct stat status = {};
  if (!folder.valid() || fstat(folder.get(), &status) != 0) return false;
  if (status.st_uid != geteuid() || time(nullptr) - status.st_mtime < min_age_seconds) return false;
  return flock(folder.get(), LOCK_EX | LOCK_NB) == 0;
}

}  // namespace

TempFolder::TempFolder(const std::string& parent) : path_(parent + "/" + kPrefix + "XXXXXX") {
  remove_abandoned_folders(parent, kAbandonedSeconds);
  if (mkdtemp(path_.data()) == nullptr)
    throw std::system_error(errno, std::generic_category(), path_);
  lock_ = open_folder(path_);
  if (!lock_.valid() || flock(lock_.get(), LOCK_EX) != 0) {
    throw std::system_error(errno, std::generic_category(), "flock " + path_);
  }
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void remove_abandoned_folders(const std::string& parent, int min_age_seconds) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(parent, ignored)) {
    const std::string name = entry.path().filename();
    if (name.rfind(kPrefix, 0) != 0 || !is_abandoned(entry.path(), min_age_seconds)) continue;
    fs::remove_all(entry.path(), ignored);
  }
}

}  // namespace kit
