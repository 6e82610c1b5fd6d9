// handout: what students get of one lab, as one archive that builds and grades by itself.
//
// In it: the lab's starter, made anew from the solution's markers; labs/support; the lab's page and
// those that every student needs; the clients; and the grader with the lab's checks, drivers and
// probes. The checks go out as source: they say what should hold, which the report says, too, and a
// student who can run them does not wait for an instructor.
//
// Not in it: the solution, the mutants (each is the solution with one line changed), their goldens,
// the other labs, and checks that an instructor keeps in a folder elsewhere. Where a check needs a
// program of the reference to play with, that goes out as a program without symbols.
//
// Thread-safety: pure functions of the files on disk.
// Errors: GraderError when a file cannot be read, or when something would get out that must not.
#ifndef GRADER_GRADE_HANDOUT_H_
#define GRADER_GRADE_HANDOUT_H_

#include <filesystem>
#include <map>
#include <string>

#include "grader/grade/archive_writer.h"
#include "grader/grade/bazel.h"
#include "grader/grade/manifest.h"

namespace kit::grade {

struct HandoutParts {
  std::filesystem::path workspace;
  std::filesystem::path starter;  // a folder with the lab as a student begins it
  std::map<std::string, std::filesystem::path> references;  // programs of the solution, by target
};

// The lab as a student begins it, made of the solution's markers, into a folder that is not there.
// Where there is no solution it is a copy of the lab as it was handed out.
void generate_starter(const Bazel& bazel, const Manifest& manifest,
                      const std::filesystem::path& folder);

// All names begin with "<lab>/".
ArchiveFiles collect_handout(const Manifest& manifest, const HandoutParts& parts);

// The same, with the parts made by Bazel and the starter's generator.
ArchiveFiles make_handout(const Bazel& bazel, const Manifest& manifest, SignalWatch& signals);

}  // namespace kit::grade

#endif  // GRADER_GRADE_HANDOUT_H_
