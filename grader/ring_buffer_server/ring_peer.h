// A client of the ring's protocol, for checks that play one: it sends commands and reads whole
// answers, and an answer that has not the form it should have ends the check.
//
//   RingPeer ann(connect_to(server));
//   ann.enter("ann");
//   ann.require_answer("SET one", "OK 1");
//   require_equal("the newest message", ann.get(), "1 ann one");
//
// It speaks through a Wire, so that the same client works over TCP and over TLS.
//
// Ownership: borrows the TcpPeer; shares the wire. Copies speak on the same connection.
// Thread-safety: one thread at a time for a connection.
// Errors: the verdicts of check.h; what the wire throws (peer_error.h). A denial of a client that
// asked properly is a verdict only where the function says so.
#ifndef GRADER_RING_BUFFER_SERVER_RING_PEER_H_
#define GRADER_RING_BUFFER_SERVER_RING_PEER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "grader/harness/tcp_peer.h"

namespace kit::ring_lab {

// What RingPeer needs of a connection. The deadline is the check's own.
class Wire {
 public:
  virtual ~Wire() = default;
  virtual void send(std::string_view bytes) = 0;
  virtual std::string read_line() = 0;  // without its '\n'
  virtual std::string read_exact(std::size_t bytes) = 0;
  virtual void wait_for_end() = 0;  // the other side ends the connection, in one way or another
};

class RingPeer {
 public:
  explicit RingPeer(TcpPeer& peer);
  explicit RingPeer(std::shared_ptr<Wire> wire);

  // --- The handshake.
  // Reads the server's first line, requires its form, and returns the nonce.
  std::string greet();
  // Sends HELLO and returns the answer: "WELCOME 7", "DENIED bad-name".
  std::string hello(const std::string& name, const std::string& proof = "");
  // Both; requires to be welcome. Returns the session's number.
  std::uint64_t enter(const std::string& name);
  std::uint64_t enter(const std::string& name, const std::string& secret);

  // --- Commands: each sends one and reads its answer.
  // For a command whose answer is one line. The command is given without its '\n'.
  std::string ask(std::string_view command);
  void require_answer(std::string_view command, std::string_view expected);
  std::string set(std::string_view text) { return ask("SET " + std::string(text)); }
  std::string setb(std::string_view body);
  // A message as "1 ann one", several as "1 ann one | 2 bob two", none as "(none)"; an answer of
  // another kind ("ERR bad-argument") as it is.
  std::string get();
  std::string list(std::uint64_t count);
  // QUIT; requires BYE, and that the server closes.
  void quit();

  // --- The halves of these, for pipelining.
  void send(std::string_view bytes) { wire_->send(bytes); }
  std::string read_line() { return wire_->read_line(); }
  void require_line(const std::string& what, std::string_view expected);
  std::string read_get();
  std::string read_list();
  // Requires that the server ends the connection; what still comes is thrown away.
  void require_end() { wire_->wait_for_end(); }

 private:
  std::string read_message(const std::string& header);

  std::shared_ptr<Wire> wire_;
};

// HMAC-SHA256(secret, nonce) in lower-case hex.
std::string make_proof(const std::string& secret, const std::string& nonce);

// The number behind "WELCOME " or "OK "; ends the check when the answer is another.
std::uint64_t number_of(const std::string& word, const std::string& answer);

}  // namespace kit::ring_lab

#endif  // GRADER_RING_BUFFER_SERVER_RING_PEER_H_
