// Log: where a daemon says what it cannot say on a terminal.
//
// Lines go to the system's log (syslog(3)), to a file, or to standard error. A log that cannot be
// written, because the disk is full for example, loses the line, and nothing else happens: the
// clients are worth more than the log.
//
// Ownership: owns the file.
// Thread-safety: write() may be called from any thread. A line is written by one call to a file
// that was opened for appending, so lines do not mix.
// Errors: to_file() throws std::system_error when the file cannot be opened. write() has none.
#ifndef DIPC_LOG_H_
#define DIPC_LOG_H_

#include <string>

#include "labs/support/fd.h"

namespace dipc {

class Log {
 public:
  static Log to_file(const std::string& path);
  static Log to_syslog();
  static Log to_standard_error();

  Log(Log&&) = default;
  ~Log();

  void write(const std::string& line) noexcept;

 private:
  enum class Target { kFile, kSyslog, kStandardError };

  Log(Target target, support::UniqueFd fd) : target_(target), fd_(std::move(fd)) {}

  Target target_;
  support::UniqueFd fd_;  // kFile only
};

}  // namespace dipc

#endif  // DIPC_LOG_H_
