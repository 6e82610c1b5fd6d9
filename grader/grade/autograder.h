// autograder: a zip for Gradescope, which builds an image of it once and starts it for every
// submission.
//
//     setup.sh         once, as root: installs what is missing, builds the checks, grades the
//                      starter
//     run_autograder   for each submission: /autograder/submission to results/results.json
//     kit/             the lab as it is handed out: no solution lies beside code that is not
//     trusted checks/          an instructor's own checks, when there are any
//
// The report is written after each step and mode, so that a machine that is too slow still leaves a
// grade; and before Gradescope's own limit the run ends by itself and says what it left out.
//
// Thread-safety: pure functions. Errors: those of a handout.
// Source: gradescope-autograders.readthedocs.io: specs and the layout of /autograder.
#ifndef GRADER_GRADE_AUTOGRADER_H_
#define GRADER_GRADE_AUTOGRADER_H_

#include <filesystem>

#include "grader/grade/archive_writer.h"
#include "grader/grade/manifest.h"

namespace kit::grade {

// `handout`: the files of make_handout(), all below "<lab>/".
// `has_checks`: the folder checks/ is an instructor's own (see add_own_checks).
ArchiveFiles collect_autograder(const Manifest& manifest, const ArchiveFiles& handout,
                                bool has_checks = false);

// The files of an instructor's folder, as checks/.
void add_own_checks(const std::filesystem::path& folder, ArchiveFiles& files);

}  // namespace kit::grade

#endif  // GRADER_GRADE_AUTOGRADER_H_
