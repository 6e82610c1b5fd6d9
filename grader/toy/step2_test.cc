#include <signal.h>

#include <stop_token>

#include "grader/harness/check.h"

namespace {

using namespace kit;

constexpr int kFullMs = 300;  // enough for buffers of some megabytes to fill

KIT_CHECK(Echo, SendsBackALine, .why = "It is what it is for.",
          .hint = "Print the port when the socket listens; then accept, recv, send.",
          .function = "main") {
  const Server server = start_server("echo", {});
  TcpPeer& peer = connect_to(server);
  peer.send_all("hello\n", deadline());
  require_equal("the line that comes back", peer.read_line(deadline()), "hello");
}

KIT_CHECK(Echo, OutlivesAClient, .why = "One client that goes away must not end it for the others.",
          .hint = "What does send(2) do when the other side is gone? See SIGPIPE in signal(7).",
          .function = "main") {
  const Server server = start_server("echo", {});
  TcpPeer& rude = connect_to(server);
  // It reads nothing: both directions fill up, and echo is in the middle of it when the end comes.
  did("connection 1 sends and never reads");
  rude.flood(std::string(1000, 'x'), TcpPeer::Replies::kLeave, std::stop_token(),
             deadline().but_at_most_ms(kFullMs));
  rude.reset();
  TcpPeer& peer = connect_to(server);
  peer.send_all("hello\n", deadline());
  require_equal("the line that comes back", peer.read_line(deadline()), "hello");
}

KIT_CHECK(Echo, EndsOnSigterm, .why = "Who starts a server wants to stop it.",
          .hint = "Is the signal blocked or ignored?", .function = "main") {
  const Server server = start_server("echo", {});
  did("sent SIGTERM");
  server.process.signal(SIGTERM);
  if (!server.process.wait(deadline())) fail_hung("echo ends");
}

}  // namespace
