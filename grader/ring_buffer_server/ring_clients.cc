#include "grader/ring_buffer_server/ring_clients.h"

#include <utility>

#include "grader/harness/stage.h"

namespace kit::ring_lab {
namespace {

constexpr int kLookAgainMs = 2;

constexpr std::size_t kLargeBytes = std::size_t{1} << 20;
constexpr int kSmallBufferBytes = 4096;

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

RingPeer come_in_quietly(const Server& server, const std::string& name) {
  RingPeer peer(connect_quietly(server));
  peer.enter(name);
  return peer;
}

RingPeer come_in_when_free(const Server& server, const std::string& name, const std::string& denial,
                           const std::string& when) {
  const std::string what = "a client is let in as " + name + " " + when;
  // Ends before the check's own deadline does, so that no try is cut off by it.
  const Deadline patience = deadline().but_at_most_ms(deadline().remaining_ms() * 3 / 4);
  did("then asked to come in as " + name + ", again and again until the server agreed");
  for (;;) {
    TcpPeer& tcp = connect_quietly(server);
    RingPeer peer(tcp);
    std::string answer;
    await(what, [&] {
      peer.greet();
      answer = peer.hello(name);
    });
    if (answer != denial) {
      static_cast<void>(number_of("WELCOME", answer));
      return peer;
    }
    if (patience.expired()) {
      fail(what, "the server still says " + denial);
    }
    static_cast<void>(tcp.read_for_ms(kLookAgainMs));
    tcp.close();
  }
}

Server start_with_large_messages() {
  const Server server = start_ring(
      {"--max-message", std::to_string(kLargeBytes), "--capacity", std::to_string(kLargeMessages)});
  did("stored " + std::to_string(kLargeMessages) + " messages of 1 MiB");
  RingPeer author(connect_quietly(server));
  author.enter("author");
  const std::string body(kLargeBytes, 'x');
  for (int i = 1; i <= kLargeMessages; ++i) {
    require_same("the answer to `SETB` of 1 MiB", author.setb(body), "OK " + std::to_string(i));
  }
  return server;
}

TcpPeer& block_a_reply(const Server& server, const std::string& name) {
  const std::string count = std::to_string(kLargeMessages);
  did("a client called " + name + " sends `GET " + count +
      "`, reads the first line of the answer, and no more");
  TcpOptions options;
  options.receive_buffer_bytes = kSmallBufferBytes;
  TcpPeer& tcp = connect_quietly(server, options);
  RingPeer reader(tcp);
  reader.enter(name);
  reader.require_answer("GET " + count, "LIST " + count);
  return tcp;
}

}  // namespace kit::ring_lab
