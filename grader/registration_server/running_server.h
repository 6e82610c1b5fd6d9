// A registration server under test, and the processes that talk to it.
//
//     RunningServer server;                              // of an instance of its own
//     WireClient ann(server.instance(), deadline());
//     server.require_end(SIGTERM);
//
// It ends the server when it goes away, and puts away what is left: whether something is, is for
// the checks of its end.
//
// Ownership: the process belongs to the box.
// Thread-safety: for the check's thread.
// Errors: the verdicts of check.h.
#ifndef GRADER_REGISTRATION_SERVER_RUNNING_SERVER_H_
#define GRADER_REGISTRATION_SERVER_RUNNING_SERVER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "grader/harness/box.h"
#include "grader/harness/check.h"
#include "grader/harness/stage.h"
#include "grader/registration_server/wire_client.h"

namespace kit::registration_lab {

// The summary, read.
struct Summary {
  struct Client {
    std::string key;
    std::uint64_t requests = 0;
  };
  std::map<std::string, Client> clients;  // by name
  std::uint64_t left_clients = 0;
  std::uint64_t left_requests = 0;
  std::uint64_t refused = 0;
  std::uint64_t total = 0;

  std::uint64_t sum() const;
};

class RunningServer {
 public:
  // `options`: beside --instance.
  explicit RunningServer(const std::vector<std::string>& options = {}, StartOptions start = {});
  RunningServer(const std::string& instance, const std::vector<std::string>& options,
                StartOptions start = {});
  ~RunningServer();
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  const std::string& instance() const { return instance_; }
  Process& process() const { return server_.process; }
  const Server& server() const { return server_; }

  // Sends the signal and requires that the server ends with exit status 0 and has left no object.
  void require_end(int signal);
  // SIGKILL.
  void kill();
  // SIGSTOP; nothing is answered from here on.
  void suspend();

  // Asks for the summary with SIGUSR1, or takes the last one when the server has ended.
  Summary summary();

 private:
  const std::string instance_;
  const Server server_;
  std::size_t summaries_ = 0;  // that were asked for
  bool has_ended_ = false;
};

// A client that is registered. It belongs to the thread that calls this.
using WireClientPtr = std::unique_ptr<WireClient>;
WireClientPtr registered(const RunningServer& server, const std::string& name);

// The names that LIST tells it, a space after each.
std::string list_of(WireClient& client);

// Requires that no object of the instance is left. `when`: "after SIGTERM".
void require_no_objects(const std::string& instance, const std::string& when);
// Removes what is left of it, without a word.
void remove_objects(const std::string& instance);

// Requires that a registration or a request came to this.
void require_status(const std::string& what, Status status, Status expected);
inline void require_ok(const std::string& what, const Reply& reply) {
  require_status(what, reply.status, Status::kOk);
}

// Runs body(0) ... body(count - 1) in a process each, and waits for all of them. What one of them
// throws is thrown here.
void in_processes(int count, const std::function<void(int)>& body);

// Runs it in a process that is killed as soon as it has returned; what it holds, dies with it.
void in_one_that_dies(const std::function<void()>& body);

}  // namespace kit::registration_lab

#endif  // GRADER_REGISTRATION_SERVER_RUNNING_SERVER_H_
