// The server under load: more than a grade asks for, and longer than it may take. A target of its
// own, `bazel test //grader/ring_buffer_server:load`.
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/holdings.h"
#include "grader/harness/stage.h"
#include "grader/harness/tcp_peer.h"
#include "grader/ring_buffer_server/ring_clients.h"
#include "grader/ring_buffer_server/ring_holdings.h"
#include "grader/ring_buffer_server/ring_peer.h"

namespace kit::ring_lab {
namespace {

// The clients' threads in this process; the server has one for each connection.
constexpr int kThreads = 8;

Server start_warm(std::vector<std::string> args = {}) {
  const Server server = start_ring(std::move(args));
  come_and_go(server, 50, "early");
  return server;
}

void tell_holdings(const std::string& when, const Holdings& holdings) {
  did(when + ": " +
      varies(std::to_string(holdings.threads) + " threads, " +
             std::to_string(holdings.descriptors) + " descriptors, " +
             std::to_string(holdings.memory_kb) + " KB"));
}

// Requires the numbers 1, 2, 3 ... without a gap: nothing that was acknowledged is lost.
void require_whole(std::vector<std::uint64_t> numbers) {
  std::sort(numbers.begin(), numbers.end());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    require(numbers[i] == i + 1, "each number is given once, and none is left out",
            "number " + std::to_string(i + 1) + " is missing, or given twice");
  }
}

constexpr int kCrowd = 1000;

// A thousand clients are in at once, and each stores a message. Adds the messages' numbers.
void come_all_at_once(const Server& server, std::vector<std::uint64_t>& numbers) {
  std::vector<TcpPeer*> connections;
  for (int i = 0; i < kCrowd; ++i) connections.push_back(&connect_quietly(server));
  const auto each = [&](const std::function<void(int, RingPeer)>& act) {
    in_parallel(kThreads, [&](int thread) {
      for (int i = thread; i < kCrowd; i += kThreads) act(i, RingPeer(*connections[i]));
    });
  };
  const std::size_t earlier = numbers.size();
  numbers.resize(earlier + kCrowd);
  each([](int i, RingPeer peer) { peer.enter("c" + std::to_string(i)); });
  each([&](int i, RingPeer peer) {
    numbers[earlier + i] = number_of("OK", peer.set(std::to_string(i)));
  });
  const std::string list = RingPeer(*connections[0]).list(kCrowd);
  each([&](int, RingPeer peer) {
    require(peer.list(kCrowd) == list, "all clients see the same thousand messages", "they do not");
  });
  tell_holdings("with a thousand clients", holdings_of(server));
  for (TcpPeer* connection : connections) connection->close();
}

KIT_CHECK(Load, ThousandClientsAtOnce, .why = "Each has a thread of its own.",
          .hint = "Threads, descriptors, memory.", .function = "ring::Server::serve") {
  const Server server = start_warm({"--capacity", "1000"});
  const Holdings before = holdings_of(server);
  std::vector<std::uint64_t> numbers;
  come_all_at_once(server, numbers);
  // The allocator keeps some of what a thousand threads at once made it ask for ...
  require_back(server, before, 20 * kCrowd);
  const Holdings after = holdings_of(server);
  tell_holdings("after them", after);
  // ... and the same again must find it enough.
  come_all_at_once(server, numbers);
  require_back(server, after, kCrowd);
  require_whole(numbers);
}

KIT_CHECK(Load, TenThousandShortConnections, .why = "What each leaves behind adds up.",
          .hint = "Threads, descriptors, memory.", .function = "ring::Server::serve") {
  constexpr int kClients = 10'000;
  const Server server = start_warm();
  const Holdings before = holdings_of(server);
  in_parallel(kThreads, [&](int thread) {
    come_and_go(server, kClients / kThreads, "t" + std::to_string(thread) + "-");
  });
  // Not in proportion to the clients: ten thousand may keep no more than a thousand.
  require_back(server, before, 1000);
}

KIT_CHECK(Load, SlowReadersAmongMany,
          .why = "They must stop nobody, and cost nothing when they have gone.",
          .hint = "A lock that is held while something is sent.",
          .function = "ring::Session::run") {
  constexpr int kSlow = 20;
  constexpr int kMessages = 2000;
  const Server server = start_warm({"--max-message", "1048576", "--capacity", "24"});
  RingPeer author = come_in_quietly(server, "author");
  for (int i = 0; i < 24; ++i)
    static_cast<void>(author.setb(std::string(std::size_t{1} << 20, 'x')));
  const Holdings before = holdings_of(server);
  TcpOptions small;
  small.receive_buffer_bytes = 4096;
  std::vector<TcpPeer*> slow;
  for (int i = 0; i < kSlow; ++i) {
    slow.push_back(&connect_quietly(server, small));
    RingPeer peer(*slow.back());
    peer.enter("slow" + std::to_string(i));
    require_same("the answer to `GET 24`", peer.ask("GET 24"), "LIST 24");
  }
  std::vector<RingPeer> quick;
  for (int i = 0; i < kThreads; ++i)
    quick.push_back(come_in_quietly(server, "quick" + std::to_string(i)));
  in_parallel(kThreads, [&](int i) {
    for (int n = 0; n < kMessages; ++n) static_cast<void>(number_of("OK", quick[i].set("x")));
  });
  for (TcpPeer* connection : slow) connection->reset();
  for (RingPeer& peer : quick) peer.quit();
  require_back(server, before, kSlow);
}

KIT_CHECK(Load, ClientsKilledInTheMiddleOfASetb,
          .why = "Half a message stores nothing and takes no number.",
          .hint = "What is kept for a body that never comes?", .function = "ring::Session::run") {
  constexpr int kKilled = 2000;
  const Server server = start_warm({"--max-message", "65536"});
  const Holdings before = holdings_of(server);
  std::vector<std::vector<std::uint64_t>> numbers(kThreads);
  in_parallel(kThreads, [&](int thread) {
    TcpOptions options;
    options.port = server.port;
    TcpPeer tcp(box().connect(options, deadline()), "ring_server");
    RingPeer peer(tcp);
    peer.enter("t" + std::to_string(thread));
    for (int i = 0; i < kKilled / kThreads; ++i) {
      TcpPeer killed(box().connect(options, deadline()), "ring_server");
      RingPeer(killed).enter("k" + std::to_string(thread) + "-" + std::to_string(i));
      killed.send_all("SETB 65536\n" + std::string(30'000, 'x'), deadline());
      killed.reset();
      numbers[thread].push_back(number_of("OK", peer.set("whole")));
    }
  });
  std::vector<std::uint64_t> all;
  for (const auto& some : numbers) all.insert(all.end(), some.begin(), some.end());
  require_whole(all);
  require_back(server, before, kKilled);
}

KIT_CHECK(Load, SigtermUnderLoad, .why = "It ends, whatever goes on.",
          .hint = "Are all threads woken?", .function = "ring::Server::serve") {
  constexpr int kClients = 200;
  const Server server = start_warm();
  std::vector<RingPeer> peers;
  for (int i = 0; i < kClients; ++i)
    peers.push_back(come_in_quietly(server, "c" + std::to_string(i)));
  std::atomic<int> stored = 0;
  in_parallel(kClients + 1, [&](int i) {
    if (i == kClients) {
      while (stored < 2000 && !deadline().expired()) static_cast<void>(peers[0].get());
      return require_end(server, SIGTERM);
    }
    if (i == 0) return;
    try {
      for (;;) {
        static_cast<void>(number_of("OK", peers[i].set("x")));
        ++stored;
      }
    } catch (const PeerClosed&) {
    } catch (const PeerReset&) {
    }
  });
}

}  // namespace
}  // namespace kit::ring_lab
