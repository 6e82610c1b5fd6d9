#include "grader/bench/load.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include "grader/harness/deadline.h"
#include "grader/harness/tcp_peer.h"
#include "grader/harness/tcp_socket.h"

namespace kit::bench {
namespace {

// Answers one request on each of so many connections, one after the other.
class OneShotServer {
 public:
  OneShotServer(int connections, std::string answer)
      : listener_(listen_tcp({})), thread_([=, this] { serve(connections, answer); }) {}
  ~OneShotServer() { thread_.join(); }

  std::uint16_t port() const { return local_port(listener_.get()); }

 private:
  void serve(int connections, const std::string& answer) {
    const Deadline deadline = Deadline::after_ms(kPatienceMs);
    for (int i = 0; i < connections; ++i) {
      TcpPeer client(accept_tcp(listener_.get(), deadline), "load");
      client.read_line(deadline);
      client.send_all(answer, deadline);
    }
  }

  UniqueFd listener_;
  std::thread thread_;
};

Operation get() {
  return {"get\n", 1, 4, [](std::string_view) { return std::size_t{4}; }};
}

UniqueFd never() { return UniqueFd(eventfd(0, EFD_CLOEXEC)); }

TEST(Load, MakesAConnectionForEachOperationWhenToldSo) {
  const UniqueFd stop = never();
  OneShotServer server(6, "ok 4\nbody");
  Load load({server.port(), {}, true}, 2, stop.get());
  // In no time, every connection does one operation.
  for (int i = 0; i < 3; ++i) EXPECT_GT(load.run({get()}, 0).per_second, 0);
}

TEST(Load, RefusesAConnectionThatEndsBeforeTheAnswer) {
  const UniqueFd stop = never();
  OneShotServer server(1, "ok 4\nbo");
  Load load({server.port(), {}, true}, 1, stop.get());
  EXPECT_THROW(load.run({get()}, 0), BadReply);
}

TEST(Load, RefusesAServerThatIsNotThere) {
  const UniqueFd stop = never();
  const std::uint16_t port = local_port(listen_tcp({}).get());
  Load load({port, {}, true}, 1, stop.get());
  EXPECT_THROW(load.run({get()}, 0), std::system_error);
}

}  // namespace
}  // namespace kit::bench
