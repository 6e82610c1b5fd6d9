// Programs that run to their end (dipc as a daemon, dipcrm), and the daemons that they leave
// running.
//
//   const std::uint16_t port = free_port();
//   start_daemon(port);
//   DipcPeer ann = client_of(port);
//   require_removed(port);      // dipcrm <port>
//
// A daemon is no child of the check's any more, but it stays below it (prctl(2), subreaper), and
// that is how it is found.
//
// Thread-safety: for the check's thread, but daemons().
// Errors: the verdicts of check.h.
#ifndef GRADER_DIPC_DAEMONS_H_
#define GRADER_DIPC_DAEMONS_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "grader/dipc/dipc_peer.h"
#include "grader/dipc/running_dipc.h"
#include "grader/harness/process.h"

namespace kit::dipc_lab {

// A port on which nobody listens.
std::uint16_t free_port();

// What a program that has ended came to.
struct Ended {
  Exit exit;
  std::string out;
  std::string err;
};

// Runs a program until it ends. `port`, where it stands among the arguments, differs from run to
// run.
Ended run_to_end(const std::string& program, const std::vector<std::string>& args,
                 std::uint16_t port = 0);
// The wait of it, for one that was started by other means.
Ended wait_for_end(Process& process);

// Starts dipc in the background, and requires exit status 0. Returns the daemon's process, where
// there is exactly one.
pid_t start_daemon(std::uint16_t port, Shape shape = {},
                   const std::vector<std::string>& options = {});

// A connection to it, which must be had at once.
DipcPeer client_of(std::uint16_t port);
DipcPeer quiet_client_of(std::uint16_t port);

// Runs dipcrm, and requires exit status 0, and that no process and no object is left.
void require_removed(std::uint16_t port);

// Whether somebody listens on the port.
bool is_served(std::uint16_t port);

// The processes below this one that were started neither by the check nor for its own use.
std::vector<pid_t> daemons();

// Waits until no more than so many of them are left, and returns those. Ends the check when the
// deadline comes first; `expected`: "no process is left when the start has failed".
std::vector<pid_t> wait_for_daemons(std::size_t most, const std::string& expected);

// Ends them with SIGTERM, or else with SIGKILL, and puts away what they leave, without a word: for
// checks that are about something else.
void stop_daemons();

// Does that when a check ends, in whatever way.
class DaemonsEnd {
 public:
  DaemonsEnd() = default;
  DaemonsEnd(const DaemonsEnd&) = delete;
  DaemonsEnd& operator=(const DaemonsEnd&) = delete;
  ~DaemonsEnd() { stop_daemons(); }
};

// Takes in what has ended and whose parent is this process only because it is a subreaper. init
// does that elsewhere.
void reap_daemons();

// SIGKILL to everything of the subject, and waits until it is gone.
void kill_everything();

// Adds where the threads of the daemons are to the finding's evidence.
void add_stacks_of_daemons();

// Like fail_hung() of check.h, with the stacks of the daemons.
[[noreturn]] void fail_hung_with_daemons(const std::string& what);

}  // namespace kit::dipc_lab

#endif  // GRADER_DIPC_DAEMONS_H_
