#include "grader/ring_buffer_server/ring_clients.h"

#include <signal.h>

#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

namespace kit::ring_lab {
namespace {

// A driver's process runs one check, so its end is the check's end.
std::deque<TcpPeer> quiet_peers;

constexpr int kLookAgainMs = 2;

std::string name_of(int signal) { return signal == SIGINT ? "SIGINT" : "SIGTERM"; }

}  // namespace

Server start_ring(std::vector<std::string> args, StartOptions options) {
  args.insert(args.begin(), {"--port", "0"});
  return start_server("ring_server", std::move(args), std::move(options));
}

RingPeer come_in(const Server& server, const std::string& name) {
  RingPeer peer(connect_to(server));
  peer.enter(name);
  return peer;
}

TcpPeer& connect_quietly(const Server& server, TcpOptions options) {
  options.port = server.port;
  try {
    return quiet_peers.emplace_back(box().connect(options, deadline()), "ring_server");
  } catch (const std::system_error& error) {
    fail("a connection to ring_server", error.code().message());
  }
}

RingPeer come_in_quietly(const Server& server, const std::string& name) {
  RingPeer peer(connect_quietly(server));
  peer.enter(name);
  return peer;
}

RingPeer come_in_when_free(const Server& server, const std::string& name,
                           const std::string& denial) {
  did("asked to come in as " + name + " until the server agreed");
  for (;;) {
    TcpPeer& tcp = connect_quietly(server);
    RingPeer peer(tcp);
    peer.greet();
    const std::string answer = peer.hello(name);
    if (answer != denial) {
      static_cast<void>(number_of("WELCOME", answer));
      return peer;
    }
    if (deadline().remaining_ms() < kLookAgainMs) {
      fail(name + " is let in soon after the other client has gone",
           "the server still says " + denial);
    }
    static_cast<void>(tcp.read_for_ms(kLookAgainMs));
    tcp.close();
  }
}

void await(const std::string& what, const std::function<void()>& happens) {
  try {
    happens();
  } catch (const Timeout&) {
    fail_hung(what);
  }
}

void in_parallel(int count, const std::function<void(int)>& body) {
  std::mutex mutex;
  std::exception_ptr first;
  std::vector<std::jthread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      try {
        body(i);
      } catch (...) {
        std::lock_guard lock(mutex);
        if (!first) first = std::current_exception();
      }
    });
  }
  threads.clear();  // joins
  if (first) std::rethrow_exception(first);
}

void require_end(const Server& server, int signal) {
  did("sent " + name_of(signal));
  server.process.signal(signal);
  const std::optional<Exit> exit = server.process.wait(deadline());
  if (!exit) fail_hung("ring_server ends after " + name_of(signal));
  require(exit->clean(), "ring_server ends with exit status 0 after " + name_of(signal),
          "it ended with " + render(*exit));
}

}  // namespace kit::ring_lab
