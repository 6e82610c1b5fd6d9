// Launch: from a program that was started at a terminal to a daemon that needs none (daemon(7)).
//
//     Launch launch = Launch::detach();
//     if (!launch.is_daemon()) return launch.await_report() ...;   // the process that was started
//     ... make everything ready ...
//     launch.report_ready("");
//
// The process that was started waits for the daemon's report, so that its exit status is true: 0
// only once the daemon can be used. A pipe carries the report. If the daemon dies first, whatever
// way, the kernel closes its end, and that is a report, too.
//
// The daemon has a session of its own, so a closed terminal does not end it, and it is not the
// session's leader, so no terminal that it opens becomes its own. Its directory is /, so it keeps
// no file system from being unmounted. Its standard streams are /dev/null.
//
// Thread-safety: detach() before the first thread: fork(2) copies only the thread that calls it.
// Errors: std::system_error of the call that failed.
#ifndef DIPC_DAEMON_H_
#define DIPC_DAEMON_H_

#include <string>

#include "labs/support/fd.h"

namespace dipc {

class Launch {
 public:
  struct Report {
    bool is_ready;
    std::string text;  // what went wrong if not; otherwise what the daemon has to say
  };

  // Returns in two processes: in the one that called it, and in the daemon.
  static Launch detach();

  bool is_daemon() const { return is_daemon_; }

  // In the process that called detach(): waits for the daemon's report.
  Report await_report();

  // In the daemon, one of these, once.
  void report_ready(const std::string& text);
  void report_failure(const std::string& reason);

 private:
  Launch(bool is_daemon, support::UniqueFd pipe) : is_daemon_(is_daemon), pipe_(std::move(pipe)) {}

  bool is_daemon_;
  support::UniqueFd pipe_;  // the end that is ours
};

}  // namespace dipc

#endif  // DIPC_DAEMON_H_
