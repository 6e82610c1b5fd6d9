// pack: the files that a student hands in, as one archive.
//
// They are those that the lab's manifest names, from labs/<lab>, without a folder around them: what
// an instructor unpacks, and what systems that take single files want. The rest of the folder is
// the kit's, and every submission is graded with the kit's own copy of it.
//
// Thread-safety: pure functions of the files on disk. Errors: UsageError when a file is missing,
// GraderError when one cannot be read.
#ifndef GRADER_GRADE_PACK_H_
#define GRADER_GRADE_PACK_H_

#include <filesystem>
#include <string>
#include <vector>

#include "grader/grade/archive_writer.h"
#include "grader/grade/manifest.h"

namespace kit::grade {

struct Pack {
  ArchiveFiles files;
  // Sources in the folder that neither the manifest nor the lab's BUILD file knows: a student may
  // think that they are handed in.
  std::vector<std::string> left_out;
};

Pack collect_pack(const Manifest& manifest, const std::filesystem::path& workspace);

// What a person is told: the files, and what was left out.
std::string pack_summary(const Pack& pack, const std::string& output);

}  // namespace kit::grade

#endif  // GRADER_GRADE_PACK_H_
