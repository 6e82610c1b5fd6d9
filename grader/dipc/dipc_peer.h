// A client of the DIPC protocol, for checks that play one: it sends datagrams and reads whole
// answers, and an answer that has not the form it should have ends the check.
//
//   DipcPeer ann(connect_to(server));
//   ann.require_write(0, "hello");
//   ann.require_read(0, "hello");
//   require_same("the answer to `r 9`", ann.ask("r 9"), "err no-such-mailbox");
//
// An answer is one text: "ok 0", "ok 5: hello", "err too-big".
//
// Ownership: borrows the TcpPeer. Copies speak on the same connection.
// Thread-safety: one thread at a time for a connection.
// Errors: the verdicts of check.h; what the TcpPeer throws (peer_error.h).
#ifndef GRADER_DIPC_DIPC_PEER_H_
#define GRADER_DIPC_DIPC_PEER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "grader/harness/tcp_peer.h"

namespace kit::dipc_lab {

class DipcPeer {
 public:
  explicit DipcPeer(TcpPeer& peer) : peer_(&peer) {}

  // --- Each sends a datagram and reads its answer.
  // The line is given without its '\n'.
  std::string ask(std::string_view line);
  std::string read(std::uint64_t mailbox);
  std::string write(std::uint64_t mailbox, std::string_view data);  // exact

  // --- The same, with what must come.
  void require_answer(std::string_view line, std::string_view expected);
  void require_read(std::uint64_t mailbox, std::string_view data);
  void require_write(std::uint64_t mailbox, std::string_view data);

  // --- The halves, for all that is sent in another way.
  void send(std::string_view bytes);
  std::string answer();
  // `what` was answered: "`r 0`".
  void require_next(const std::string& what, std::string_view expected);
  // The server ends the connection in order. Nothing more comes before that.
  void require_end(const std::string& when);
  // The same, whatever comes before.
  void require_clean_end(const std::string& when);

  TcpPeer& tcp() { return *peer_; }

 private:
  TcpPeer* peer_;
};

// The answer to a read of a mailbox that holds this.
std::string holding(std::string_view data);

// An exact write, as bytes.
std::string exact_write(std::uint64_t mailbox, std::string_view data);

// Text of so many bytes in which each place looks different from its neighbours.
std::string long_text(std::size_t bytes);

}  // namespace kit::dipc_lab

#endif  // GRADER_DIPC_DIPC_PEER_H_
