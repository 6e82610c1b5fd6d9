// A server under test: dipc with --foreground, and clients of it.
//
//   RunningDipc dipc;                        // 4 mailboxes of 1 KB, packets of 1 KB
//   DipcPeer ann = dipc.client();
//
// It ends the server when it goes away: with SIGTERM, so that the server can remove what it made.
// Whether it really does is for the checks of its end; the others put away what is left, and say
// nothing about it.
//
// Ownership: the process belongs to the box, connections to the running check.
// Thread-safety: for the check's thread; the clients may be handed to others.
// Errors: the verdicts of check.h.
#ifndef GRADER_DIPC_RUNNING_DIPC_H_
#define GRADER_DIPC_RUNNING_DIPC_H_

#include <string>
#include <vector>

#include "grader/dipc/dipc_peer.h"
#include "grader/harness/box.h"
#include "grader/harness/check.h"
#include "grader/harness/stage.h"

namespace kit::dipc_lab {

// The four numbers of dipc's command line, but the port.
struct Shape {
  int mailboxes = 4;
  int mailbox_kb = 1;
  int packet_kb = 1;
};

// The command line: `options` after the numbers.
std::vector<std::string> dipc_args(const Shape& shape, std::uint16_t port,
                                   const std::vector<std::string>& options = {});

class RunningDipc {
 public:
  explicit RunningDipc(Shape shape = {}, const std::vector<std::string>& options = {},
                       StartOptions start = {}, const std::string& program = "dipc");
  ~RunningDipc();
  RunningDipc(const RunningDipc&) = delete;
  RunningDipc& operator=(const RunningDipc&) = delete;

  // A new client. A quiet one does not show in the finding.
  DipcPeer client(TcpOptions options = {});
  DipcPeer quiet_client(TcpOptions options = {});

  // Sends the signal and requires that the server ends with exit status 0.
  void require_end(int signal);

  const Server& server() const { return server_; }
  std::uint16_t port() const { return server_.port; }
  Process& process() { return server_.process; }

 private:
  const Server server_;
  std::vector<TcpPeer*> connections_;
  bool has_ended_ = false;
};

}  // namespace kit::dipc_lab

#endif  // GRADER_DIPC_RUNNING_DIPC_H_
