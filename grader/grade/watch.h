// Grades the first unfinished step on every save, until Ctrl-C.
//
// The step in hand answers first, and of it the quickest mode; the other modes and steps follow
// only when that one passes. A save during a run ends the run: its answer would be about older
// code.
//
// Thread-safety: one thread. Errors: GraderError when the folder cannot be watched or Bazel not be
// started.
// Source: inotify(7). Editors save by writing in place or by renaming over the file, so that the
// folder is watched and not the files.
#ifndef GRADER_GRADE_WATCH_H_
#define GRADER_GRADE_WATCH_H_

#include <filesystem>
#include <string>
#include <vector>

#include "grader/grade/bazel.h"
#include "grader/grade/manifest.h"
#include "grader/grade/progress.h"
#include "grader/harness/fd.h"

namespace kit::grade {

class SourceWatch {
 public:
  explicit SourceWatch(std::vector<std::filesystem::path> folders);

  int fd() const { return fd_.get(); }
  // Watches folders that were replaced since (a checkout of another branch).
  void renew();
  // Takes what has happened; whether a file that a build could read was among it.
  bool take_changes();
  // The name of the last such file.
  const std::string& last_changed() const { return last_changed_; }

 private:
  std::vector<std::filesystem::path> folders_;
  UniqueFd fd_;
  std::string last_changed_;
};

// Returns the exit status: 0 when ended by Ctrl-C, which is how it ends.
int run_watch(const Bazel& bazel, const Manifest& manifest);

}  // namespace kit::grade

#endif  // GRADER_GRADE_WATCH_H_
