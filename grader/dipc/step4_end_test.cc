// Step 4, the server: its start, when it fails, and its end.
#include <signal.h>

#include <string>
#include <system_error>
#include <vector>

#include "grader/dipc/busy_clients.h"
#include "grader/dipc/daemons.h"
#include "grader/dipc/dipc_peer.h"
#include "grader/dipc/left_objects.h"
#include "grader/dipc/running_dipc.h"
#include "grader/harness/check.h"
#include "grader/harness/stage.h"

namespace kit::dipc_lab {
namespace {

KIT_CHECK(Server, EndsOnASignal,
          .why = "Who starts a server wants to stop it, and to have the machine as it was before.",
          .hint =
              "serve() waits for two things at once, a connection and stop_fd: poll(2) does that, "
              "a blocking accept() does not. What is left in /dev/shm was not unlinked.",
          .function = "dipc::Server::serve") {
  for (const int signal : {SIGTERM, SIGINT}) {
    RunningDipc dipc;
    DipcPeer ann = dipc.client();
    ann.require_write(0, "hello");
    ann.tcp().close();
    dipc.require_end(signal);
    require_no_objects("when dipc has ended");
  }
}

KIT_CHECK(Server, EndsWithClientsConnected,
          .why = "Clients do not go away because the server wants to.",
          .hint =
              "Connection::stop() wakes a thread that waits for its client. Do that for each, then "
              "join. What was received and answered must arrive: a close with bytes unread is a "
              "reset, which throws the answer away.",
          .function = "dipc::Server::serve") {
  RunningDipc dipc;
  std::vector<DipcPeer> peers;
  for (int i = 0; i < 20; ++i) {
    peers.push_back(dipc.quiet_client());
    peers.back().require_read(0, "");
  }
  did("20 clients are connected and idle");
  for (const char* half : {"w 0 10\nhalf", "w 0\n", "r"}) {
    peers.push_back(dipc.client());
    peers.back().require_read(0, "");
    peers.back().send(half);
  }
  dipc.require_end(SIGTERM);
  for (DipcPeer& peer : peers) peer.require_clean_end("when it ends");
  require_no_objects("when dipc has ended");
}

KIT_CHECK(Server, EndsWhileItSends,
          .why = "A client that does not read must not be able to keep the server from ending.",
          .hint =
              "A thread that waits in send(2) is woken by shutdown(2) on its socket. Give the "
              "client a little time, then do that.",
          .function = "dipc::Server::serve") {
  constexpr int kKbytes = 20 * 1024;
  RunningDipc dipc({1, kKbytes, kKbytes});
  DipcPeer ann = dipc.quiet_client();
  did("a client asks for 20 MiB, reads the first line of the answer, and no more");
  ann.require_write(0, std::string(std::size_t{kKbytes} * 1024, 'x'));
  TcpOptions options;
  options.receive_buffer_bytes = 4096;
  DipcPeer slow = dipc.quiet_client(options);
  slow.send("r 0\n");
  static_cast<void>(slow.tcp().read_line(deadline()));
  dipc.require_end(SIGTERM);
  require_no_objects("when dipc has ended");
}

KIT_CHECK(Server, EndsUnderLoad, .why = "A server is stopped when it is busy, too.",
          .hint =
              "Threads go on while the server ends: what they use must be there until they are "
              "joined. An answer that was begun is finished.",
          .function = "dipc::Server::serve") {
  constexpr int kClients = 6;
  RunningDipc dipc;
  did("six clients write and read without a pause");
  std::vector<DipcPeer> peers;
  for (int i = 0; i < kClients; ++i) peers.push_back(dipc.quiet_client());
  stop_while_busy(peers, [&] { dipc.require_end(SIGTERM); });
  require_no_objects("when dipc has ended");
}

KIT_CHECK(Server, ServesThisMachineOnly,
          .why =
              "Whoever can connect can read and write everything. A server that was not asked to "
              "serve other machines must not.",
          .hint = "Bind the address of --bind, which is 127.0.0.1 without that option.",
          .function = "dipc::Server::Server") {
  // Another address of this machine's own, on which only a server of all addresses is found.
  TcpOptions other;
  other.host = "127.0.0.2";
  RunningDipc dipc;
  other.port = dipc.port();
  bool is_served = true;
  try {
    static_cast<void>(box().connect(other, deadline()));
  } catch (const std::system_error&) {
    is_served = false;
  }
  require(!is_served, "without --bind, a connection to 127.0.0.2 is refused",
          "the server listens on all addresses");
  RunningDipc open({}, {"--bind", "0.0.0.0"});
  TcpOptions everywhere;
  everywhere.host = "127.0.0.2";
  open.client(everywhere).require_read(0, "");
}

KIT_CHECK(Server, MayBeStartedAgainAtOnce,
          .why = "A server that was stopped and started again must get its port back at once.",
          .hint =
              "A port whose connections have ended a moment ago can be bound with SO_REUSEADDR "
              "only (socket(7)): support::listen_on() sets it.",
          .function = "dipc::Server::Server") {
  const std::uint16_t port = free_port();
  for (int i = 0; i < 2; ++i) {
    const Server server = start_server("dipc", dipc_args({}, port, {"--foreground"}));
    DipcPeer ann = quiet_client_of(port);
    ann.require_read(0, "");
    ann.require_write(0, "hello");
    server.process.signal(SIGTERM);
    // Its end comes first, so that it is the port of the server that has a connection to forget.
    await("dipc ends after SIGTERM",
          [&] { static_cast<void>(ann.tcp().wait_for_end(deadline())); });
    ann.tcp().close();
    if (!server.process.wait(deadline())) fail_hung("dipc ends after SIGTERM");
    require_no_objects("when dipc has ended");
  }
}

}  // namespace
}  // namespace kit::dipc_lab
