// Decides about each entry of a submission by its name and kind, before anything of it is read.
//
// Ownership: a Sorter borrows the list of wanted files and the limits.
// Thread-safety: one thread. Errors: IntakeError when there are too many entries.
#ifndef GRADER_SUBMISSIONS_SORTER_H_
#define GRADER_SUBMISSIONS_SORTER_H_

#include <string>
#include <vector>

#include "grader/submissions/intake.h"

namespace kit::grade {

enum class EntryKind { kFile, kFolder, kLink, kOther };

struct Entry {
  std::string path;
  EntryKind kind = EntryKind::kFile;
  std::int64_t bytes = 0;  // as it is announced; -1: it is not
};

class Sorter {
 public:
  Sorter(const std::vector<std::string>& wanted, const IntakeLimits& limits)
      : wanted_(wanted), limits_(limits) {}

  // The wanted file that the entry is; empty when it is not to be read.
  std::string sort(const Entry& entry);

  // The contents of what sort() has named; a longer one than allowed is refused.
  void take(const Entry& entry, const std::string& file, std::string contents);

  Submission finish();

 private:
  void refuse(const std::string& path, const std::string& why);
  void ignore(const std::string& path, const std::string& why);
  std::string wanted_name(const std::string& path) const;

  const std::vector<std::string>& wanted_;
  const IntakeLimits& limits_;
  int entries_ = 0;
  std::size_t ignored_ = 0;
  std::size_t refused_ = 0;
  std::map<std::string, std::string> paths_;  // where each taken file lay
  Submission result_;
};

}  // namespace kit::grade

#endif  // GRADER_SUBMISSIONS_SORTER_H_
