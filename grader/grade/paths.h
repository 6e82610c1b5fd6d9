// Paths between a person and this program, which itself stands elsewhere: `bazel run` starts it in
// a folder of Bazel's.
//
// Thread-safety: pure functions of the environment.
#ifndef GRADER_GRADE_PATHS_H_
#define GRADER_GRADE_PATHS_H_

#include <filesystem>
#include <string>

namespace kit::grade {

// A path as the person meant it who typed it.
std::filesystem::path path_of_person(const std::string& path);

// A path as that person would type it again, quoted for a shell where that is needed. Names come
// from strangers: control characters are written as escapes.
std::string typed_path(const std::filesystem::path& path);

}  // namespace kit::grade

#endif  // GRADER_GRADE_PATHS_H_
