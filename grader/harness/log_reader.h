// The driver's side of probe_log.h: shared memory that a probe writes and nobody trusts.
//
// Ownership: owns the memory. Thread-safety: none.
#ifndef GRADER_HARNESS_LOG_READER_H_
#define GRADER_HARNESS_LOG_READER_H_

#include <vector>

#include "grader/harness/fd.h"
#include "grader/harness/history.h"
#include "grader/harness/scenario.h"

namespace kit {

class LogReader {
 public:
  // Throws std::system_error.
  LogReader();
  ~LogReader();
  LogReader(const LogReader&) = delete;
  LogReader& operator=(const LogReader&) = delete;

  // To be inherited by the probe, as KIT_LOG_FD says.
  int fd() const { return fd_.get(); }

  // Forgets what was written. The probe is not running.
  void clear();

  // How many rounds were finished.
  int rounds_done() const;

  // The histories of the rounds that have begun. Entries that make no sense end their thread's
  // part.
  std::vector<History> read(const Scenario& scenario, int rounds) const;

 private:
  UniqueFd fd_;
  const char* memory_ = nullptr;
};

}  // namespace kit

#endif  // GRADER_HARNESS_LOG_READER_H_
