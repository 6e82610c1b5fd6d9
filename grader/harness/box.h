// The only way in which the harness reaches a subject: start a program, signal it, connect to it,
// listen for it, and see what it left.
//
// An open box runs the programs as ordinary processes of this machine: the student's own way. A
// sealed box, for submissions, runs them in a jail (jail.h). Drivers do not see the difference.
//
// Ownership: the box owns its processes, until it is destroyed: a check that fails in the middle
// leaves nothing running. References that start() returns stay valid as long as the box.
// Thread-safety: a box belongs to the check's thread; the processes may be used from others.
#ifndef GRADER_HARNESS_BOX_H_
#define GRADER_HARNESS_BOX_H_

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "grader/harness/deadline.h"
#include "grader/harness/fd.h"
#include "grader/harness/process.h"
#include "grader/harness/run_config.h"
#include "grader/harness/tcp_socket.h"

namespace kit {

struct WatchEvent;

struct StartOptions {
  std::map<std::string, std::string> env;  // beside what the box sets
  std::vector<int> inherited_fds;
  int cpu = -1;
  int descriptors = 0;  // as in Launch
};

class Box {
 public:
  virtual ~Box() = default;

  // Starts a program of the subject by its name in the manifest. Throws std::out_of_range for a
  // program that the step does not have.
  virtual Process& start(const std::string& program, std::vector<std::string> args,
                         StartOptions options = {}) = 0;

  // A connection to a program of the subject. Throws as connect_tcp() does.
  virtual UniqueFd connect(const TcpOptions& options, Deadline deadline) = 0;

  // A socket that listens where programs of the subject can connect to. Throws as listen_tcp()
  // does.
  virtual UniqueFd listen(const TcpOptions& options) = 0;

  // The folder in which the programs run, as the driver sees it and as they do.
  virtual const std::string& folder() const = 0;

  // Where the sanitizers' and Valgrind's reports are.
  virtual const std::string& report_folder() const = 0;

  // All programs that were started, also those that have ended.
  virtual std::vector<Process*> processes() = 0;

  // Until the student has left gdb, where there is one.
  virtual void wait_for_debugger() = 0;

  // What was seen of a crash: the stacks of the program that stopped itself on a fatal signal.
  virtual std::string crash_stacks() = 0;

  // What the interposed library told of named objects and the like, in the modes that have it.
  virtual std::vector<WatchEvent> take_events() = 0;

  // Whether the programs started so many processes that all of them were killed; see
  // process_tree.h.
  virtual bool forks_without_end() = 0;
};

// The box of a check, sealed when this driver was told so (Jail::is_wanted). `folder` must exist
// and be empty; it is the caller's. `with_gdb`: the first program that is started is given to gdb.
std::unique_ptr<Box> make_box(const RunConfig& config, const std::string& folder,
                              bool with_gdb = false);

}  // namespace kit

#endif  // GRADER_HARNESS_BOX_H_
