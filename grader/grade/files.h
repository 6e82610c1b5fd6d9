// Files of the program's own: a folder that goes away, and reports that are there whole or not at
// all.
//
// Ownership: a TempDir removes its folder with all that is in it.
// Thread-safety: one thread. Errors: GraderError with the file's name and errno (a full disk
// included).
#ifndef GRADER_GRADE_FILES_H_
#define GRADER_GRADE_FILES_H_

#include <filesystem>
#include <string>
#include <string_view>

namespace kit::grade {

class TempDir {
 public:
  TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Writes beside `file` and renames, so that nobody ever reads half a report. What is no regular
// file (a pipe, /dev/stdout) is written to as it is.
void write_whole_file(const std::filesystem::path& file, std::string_view text);

// Throws now what write_whole_file() would throw for a folder that is not there or not to be written
// to, or for a name that is a folder's: before the work is done, and not after it.
void require_writable(const std::filesystem::path& file);

// Writes all of it; `name` is for the message.
void write_all(int fd, std::string_view text, const std::string& name);

}  // namespace kit::grade

#endif  // GRADER_GRADE_FILES_H_
