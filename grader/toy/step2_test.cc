#include <signal.h>

#include "grader/harness/check.h"

namespace {

using namespace kit;

KIT_CHECK(Echo, SendsBackALine, .why = "It is what it is for.", .hint = "recv, then send.",
          .function = "main") {
  const Server server = start_server("echo", {});
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

KIT_CHECK(Echo, LeavesNothing, .why = "Another program may need the name.", .hint = "Clean up.",
          .function = "main") {
  const Server server = start_server("echo", {});
  connect_to(server);
}

}  // namespace
