// Writing archives: the same files give the same bytes, whenever and by whomever they are written.
//
// No owner, no time and no order of a file system gets in: entries come sorted by name, belong to
// nobody, and have one date. A file's only mode is whether it can be run.
//
// Thread-safety: pure functions. Errors: GraderError, with the library's words.
// Source: libarchive's archive_write(3), archive_write_set_options(3).
#ifndef GRADER_GRADE_ARCHIVE_WRITER_H_
#define GRADER_GRADE_ARCHIVE_WRITER_H_

#include <filesystem>
#include <map>
#include <string>

namespace kit::grade {

enum class ArchiveFormat { kTarGz, kZip };

struct ArchiveFile {
  std::string content;
  bool is_executable = false;
};

// By the name in the archive: "labs/x/BUILD".
using ArchiveFiles = std::map<std::string, ArchiveFile>;

std::string make_archive(ArchiveFormat format, const ArchiveFiles& files);

// A file of the disk, links followed.
ArchiveFile read_archive_file(const std::filesystem::path& file);

// The format that the name of `output` asks for must be `format`, which is ".tar.gz" (or ".tgz") or
// ".zip"; throws UsageError. What a person asked for by name and got as something else is a trap.
void require_archive_name(const std::string& output, ArchiveFormat format);

}  // namespace kit::grade

#endif  // GRADER_GRADE_ARCHIVE_WRITER_H_
