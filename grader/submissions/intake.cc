#include "grader/submissions/intake.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "grader/harness/fd.h"
#include "grader/submissions/archive.h"
#include "grader/submissions/sorter.h"

namespace kit::grade {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, int error) {
  throw IntakeError("the submission cannot be read: " + printable_name(path.string()) + ": " +
                    std::strerror(error));
}

// A regular file and nothing else, bounded, never through a link: between a look at the name and
// the open(2) it could have become something else. O_NONBLOCK: opening a pipe would wait for its
// writer.
std::string read_regular(const fs::path& path, std::int64_t most, bool is_named_by_user) {
  const int follow = is_named_by_user ? 0 : O_NOFOLLOW;
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | follow));
  struct stat status = {};
  if (!fd.valid() || fstat(fd.get(), &status) != 0) fail(path, errno);
  if (!S_ISREG(status.st_mode)) fail(path, EINVAL);
  std::string out;
  std::array<char, 65536> buffer;
  while (static_cast<std::int64_t>(out.size()) <= most) {
    const ssize_t got = read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(path, errno);
    if (got == 0) break;
    out.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return out;
}

EntryKind kind_of(const fs::file_status& status) {
  switch (status.type()) {
    case fs::file_type::regular:
      return EntryKind::kFile;
    case fs::file_type::directory:
      return EntryKind::kFolder;
    case fs::file_type::symlink:
      return EntryKind::kLink;
    default:
      return EntryKind::kOther;
  }
}

void read_folder(const fs::path& top, Sorter& sorter, const IntakeLimits& limits) {
  std::error_code error;
  // Links to folders are not followed: the iterator's default.
  fs::recursive_directory_iterator each(top, error);
  for (; !error && each != fs::recursive_directory_iterator(); each.increment(error)) {
    const fs::file_status status = each->symlink_status(error);
    if (error) break;
    Entry entry = {each->path().lexically_relative(top).string(), kind_of(status), -1};
    if (entry.kind == EntryKind::kFile) {
      entry.bytes = static_cast<std::int64_t>(each->file_size(error));
    }
    const std::string file = sorter.sort(entry);
    if (!file.empty()) {
      sorter.take(entry, file, read_regular(each->path(), limits.file_bytes, false));
    }
  }
  if (error) fail(top, error.value());
}

void add_notes(std::string& out, const std::string& heading, const std::vector<Note>& notes) {
  if (notes.empty()) return;
  out += heading + ":\n";
  for (const Note& note : notes) {
    out += "  " + note.name + (note.why.empty() ? "" : ": " + note.why) + "\n";
  }
}

template <typename Names>
std::string joined(const Names& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

}  // namespace

Submission take_in(const fs::path& path, const std::vector<std::string>& wanted,
                   const IntakeLimits& limits) {
  Sorter sorter(wanted, limits);
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (error) fail(path, error.value());
  if (fs::is_directory(status)) {
    read_folder(path, sorter, limits);
    return sorter.finish();
  }
  const std::string bytes = read_regular(path, limits.archive_bytes, true);
  if (static_cast<std::int64_t>(bytes.size()) > limits.archive_bytes) {
    throw IntakeError("the submission is larger than " +
                      std::to_string(limits.archive_bytes >> 20) + " MiB");
  }
  read_archive(bytes, sorter, limits);
  return sorter.finish();
}

std::string describe(const Submission& submission) {
  std::vector<std::string> taken;
  for (const auto& [file, contents] : submission.files) taken.push_back(file);
  std::string out = "taken: " + (taken.empty() ? "nothing" : joined(taken)) + "\n";
  if (!submission.missing.empty()) {
    out += "missing, and so graded as it was handed out: " + joined(submission.missing) + "\n";
  }
  add_notes(out, "refused", submission.refused);
  add_notes(out, "ignored", submission.ignored);
  return out;
}

}  // namespace kit::grade
