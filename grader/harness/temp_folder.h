// A folder for one check, in /tmp: the path of a Unix socket has 108 bytes, and Bazel's own folders
// are deeper than that.
//
// Ownership: removed with all that is in it when it goes away. A driver that was killed leaves its
// folder behind; the next one that is made removes such folders. A folder in use is locked
// (flock(2)), and the kernel lets go of the lock with its owner. Thread-safety: none. Errors:
// std::system_error.
#ifndef GRADER_HARNESS_TEMP_FOLDER_H_
#define GRADER_HARNESS_TEMP_FOLDER_H_

#include <string>

#include "grader/harness/fd.h"

namespace kit {

class TempFolder {
 public:
  explicit TempFolder(const std::string& parent = "/tmp");
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  UniqueFd lock_;
};

// Removes what others have left in `parent`, when it is older than `min_age_seconds`: a folder that
// was made this moment may not be locked yet.
void remove_abandoned_folders(const std::string& parent, int min_age_seconds);

}  // namespace kit

#endif  // GRADER_HARNESS_TEMP_FOLDER_H_
