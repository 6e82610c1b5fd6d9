// Who handed something in: the entries of a folder, each a folder, a .zip, a .tar or a .tar.gz.
//
// A student is called what the entry is called, without the archive's ending. Names come from
// outside: they may hold anything but '/'. `page` is a name that is safe in a path and a link.
//
// Thread-safety: plain values. Errors: UsageError when the folder is none, or two entries have one
// name.
#ifndef GRADER_CLASS_STUDENTS_H_
#define GRADER_CLASS_STUDENTS_H_

#include <filesystem>
#include <string>
#include <vector>

namespace kit::grade {

struct Student {
  std::string name;
  std::string page;  // "ann", "J_rg-1f2e3d4c"
  std::filesystem::path path;
};

struct Students {
  std::vector<Student> all;          // by name
  std::vector<std::string> ignored;  // entries that are no submission
};

Students find_students(const std::filesystem::path& folder);

}  // namespace kit::grade

#endif  // GRADER_CLASS_STUDENTS_H_
