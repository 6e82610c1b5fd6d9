#include "grader/grade/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "grader/grade/errors.h"
#include "grader/harness/fd.h"

namespace kit::grade {
namespace {

namespace fs = std::filesystem;

// `shown` is the name that the person gave.
UniqueFd open_for_writing(const fs::path& file, const fs::path& shown, int flags) {
  UniqueFd fd(open(file.c_str(), O_WRONLY | O_CLOEXEC | flags, 0666));
  if (!fd.valid()) throw_errno("cannot write " + shown.string());
  return fd;
}

void write_and_close(UniqueFd fd, const fs::path& file, std::string_view text) {
  write_all(fd.get(), text, file.string());
  // A disk that is full, or a quota, may be noticed only here.
  if (close(fd.release()) != 0) throw_errno("cannot write " + file.string());
}

bool is_special(const fs::path& file) {
  struct stat status;
  return stat(file.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

}  // namespace

TempDir::TempDir() {
  const char* base = std::getenv("TMPDIR");
  std::string pattern =
      std::string(base != nullptr && *base != '\0' ? base : "/tmp") + "/grader-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) throw_errno("cannot make a folder " + pattern);
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;  // what cannot be removed stays; there is nobody to tell any more
  fs::remove_all(path_, ignored);
}

void require_writable(const fs::path& file) {
  if (is_special(file)) return;
  const fs::path folder = file.has_parent_path() ? file.parent_path() : ".";
  const bool is_folder = fs::is_directory(file);
  if (is_folder) errno = EISDIR;
  if (is_folder || access(folder.c_str(), W_OK | X_OK) != 0)
    throw_errno("cannot write " + file.string());
}

void write_whole_file(const fs::path& file, std::string_view text) {
  if (is_special(file)) return write_and_close(open_for_writing(file, file, 0), file, text);
  const fs::path part = file.string() + "." + std::to_string(getpid()) + ".part";
  try {
    write_and_close(open_for_writing(part, file, O_CREAT | O_TRUNC), file, text);
    if (rename(part.c_str(), file.c_str()) != 0) throw_errno("cannot write " + file.string());
  } catch (const GraderError&) {
    static_cast<void>(unlink(part.c_str()));
    throw;
  }
}

void write_all(int fd, std::string_view text, const std::string& name) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      throw_errno("cannot write " + name);
    }
  }
}

}  // namespace kit::grade
