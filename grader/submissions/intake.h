// What a student handed in, taken apart: a folder, a .zip, a .tar or a .tar.gz.
//
// Only the files that the lab's manifest names are taken, wherever in the submission they lie (of
// two with one name, the one nearest to the top). Everything else is listed as ignored, what is
// missing is named, and what nobody hands in by accident (links, devices, absolute paths, `..`) is
// listed as refused. Nothing is unpacked: contents go into memory, and the names of an archive
// never become names on this machine's disk.
//
// Ownership, thread-safety: plain values and pure functions.
// Errors: IntakeError when there is nothing to grade: the file cannot be read, or goes beyond a
// limit. Source: libarchive's archive_read(3); tar(5).
#ifndef GRADER_SUBMISSIONS_INTAKE_H_
#define GRADER_SUBMISSIONS_INTAKE_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "grader/grade/errors.h"

namespace kit::grade {

// What is wrong with a submission as a whole. The message is for its author, too.
class IntakeError : public UsageError {
 public:
  using UsageError::UsageError;
};

struct IntakeLimits {
  int entries = 2000;
  std::int64_t archive_bytes = 32 << 20;   // of the archive itself
  std::int64_t unpacked_bytes = 64 << 20;  // of all that is in it
  std::int64_t file_bytes = 1 << 20;       // of a file that is taken
  int ratio = 200;  // unpacked to packed, once more than ratio_from_bytes came
  std::int64_t ratio_from_bytes = 4 << 20;
  std::size_t path_bytes = 512;
  std::size_t notes = 50;  // how many ignored or refused entries are named; the rest is counted
};

// An entry that was not taken. The name is safe to print.
struct Note {
  std::string name;
  std::string why;
};

struct Submission {
  std::map<std::string, std::string> files;  // a file of the manifest, and its contents
  std::vector<Note> ignored;
  std::vector<Note> refused;
  std::vector<std::string> missing;  // files of the manifest that are not there
};

// `wanted`: the files that the manifest names.
Submission take_in(const std::filesystem::path& path, const std::vector<std::string>& wanted,
                   const IntakeLimits& limits = {});

// "taken: a.cc, b.cc\nmissing, so graded as it was handed out: c.cc\n..." for a report.
std::string describe(const Submission& submission);

// The name as one line of plain text: control characters and what is not ASCII become \xNN.
std::string printable_name(const std::string& name);

}  // namespace kit::grade

#endif  // GRADER_SUBMISSIONS_INTAKE_H_
