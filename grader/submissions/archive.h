// Reads a .zip, .tar or .tar.gz into memory, a bounded part of it.
//
// Thread-safety: a function without state. Errors: IntakeError, for what libarchive cannot read and
// for what goes beyond the limits.
#ifndef GRADER_SUBMISSIONS_ARCHIVE_H_
#define GRADER_SUBMISSIONS_ARCHIVE_H_

#include <string>

#include "grader/submissions/intake.h"
#include "grader/submissions/sorter.h"

namespace kit::grade {

// `bytes` is the whole archive.
void read_archive(const std::string& bytes, Sorter& sorter, const IntakeLimits& limits);

}  // namespace kit::grade

#endif  // GRADER_SUBMISSIONS_ARCHIVE_H_
