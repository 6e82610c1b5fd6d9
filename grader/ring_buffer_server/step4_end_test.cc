// Step 4, the server: its end.
#include <signal.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <system_error>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/stage.h"
#include "grader/harness/tcp_peer.h"
#include "grader/harness/tcp_socket.h"
#include "grader/ring_buffer_server/ring_clients.h"
#include "grader/ring_buffer_server/ring_peer.h"

namespace kit::ring_lab {
namespace {

KIT_CHECK(
    Server, EndsOnASignal, .why = "Who starts a server wants to stop it.",
    .hint =
        "serve() waits for two things at once, a connection and stop_fd: poll(2) does that, a "
        "blocking accept() does not.",
    .function = "ring::Server::serve") {
  require_end(start_ring(), SIGTERM);
  require_end(start_ring(), SIGINT);
}

// Whether a server could bind the port now. Somebody else on this machine may have taken it.
bool is_free(std::uint16_t port) {
  try {
    TcpOptions options;
    options.port = port;
    listen_tcp(options);
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

KIT_CHECK(
    Server, EndsWithClientsConnected, .why = "Clients do not go away because the server wants to.",
    .hint =
        "A thread that waits in read_some() wakes when another one calls Stream::shutdown(): do "
        "that for each connection, then join its thread.",
    .function = "ring::Server::serve") {
  const Server server = start_ring();
  std::vector<RingPeer> peers;
  for (int i = 0; i < 20; ++i) peers.push_back(come_in_quietly(server, "idle" + std::to_string(i)));
  did("20 clients are in, and idle");
  RingPeer(connect_to(server)).greet();
  TcpPeer& half_body = connect_to(server);
  RingPeer(half_body).enter("half");
  half_body.send_all("SETB 10\nhalf", deadline());
  require_end(server, SIGTERM);
  for (RingPeer& peer : peers) await("each connection ends", [&] { peer.require_end(); });
  if (!is_free(server.port)) return;
  note_varying(std::to_string(server.port));
  const Server next = start_server("ring_server", {"--port", std::to_string(server.port)});
  come_in(next, "ann").require_answer("GET", "EMPTY");
}

KIT_CHECK(Server, EndsWhileItSends,
          .why = "A client that does not read must not be able to keep the server from ending.",
          .hint =
              "A thread that waits in a write is woken by Stream::shutdown() as well. Does your "
              "shutdown wait for a lock that it holds, or first send something itself?",
          .function = "ring::Server::serve") {
  const Server server = start_with_large_messages();
  block_a_reply(server, "slow");
  require_end(server, SIGTERM);
}

// Clients that store and fetch until the server ends the connection.
class Load {
 public:
  void run(RingPeer peer) {
    try {
      for (;;) {
        number_of("OK", peer.set("something"));
        note_stored();
        static_cast<void>(peer.list(3));
      }
    } catch (const PeerClosed&) {
    } catch (const PeerReset&) {
    }
  }

  // Waits until so many messages were stored.
  void wait_until(int stored) {
    std::unique_lock lock(mutex_);
    const auto time = std::chrono::milliseconds(deadline().remaining_ms());
    if (!more_.wait_for(lock, time, [&] { return stored_ >= stored; })) {
      fail_hung("the server stores " + std::to_string(stored) + " messages of six clients");
    }
  }

 private:
  void note_stored() {
    std::lock_guard lock(mutex_);
    ++stored_;
    more_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable more_;
  int stored_ = 0;  // guarded by mutex_
};

KIT_CHECK(Server, EndsUnderLoad, .why = "A server is stopped when it is busy, too.",
          .hint =
              "Sessions go on while the server ends: what they use must be there until their "
              "threads are joined.",
          .function = "ring::Server::serve") {
  constexpr int kClients = 6;
  const Server server = start_ring();
  did("six clients store and fetch without a pause");
  std::vector<RingPeer> peers;
  for (int i = 0; i < kClients; ++i)
    peers.push_back(come_in_quietly(server, "load" + std::to_string(i)));
  Load load;
  in_parallel(kClients + 1, [&](int i) {
    if (i < kClients) return load.run(peers[i]);
    load.wait_until(60);
    require_end(server, SIGTERM);
  });
}

}  // namespace
}  // namespace kit::ring_lab
