// Load: so many connections to one server, each of which asks, waits for the whole answer, and asks
// again.
//
// One thread serves all of them with epoll(7). It shares the machine's processors with the server
// it measures, so it does as little as it can: one recv() and one send() an operation, bodies are
// counted and not kept, the clock is read once.
//
// Ownership: a Load owns its connections and closes them.
// Thread-safety: none.
// Errors: BadReply for an answer that is wrong, std::system_error for a call that failed, Stalled
// when nothing comes for kPatienceMs, Interrupted when `stop_fd` is readable.
// Source: epoll(7), tcp(7), connect(2).
#ifndef GRADER_BENCH_LOAD_H_
#define GRADER_BENCH_LOAD_H_

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "grader/bench/reply_reader.h"
#include "grader/harness/fd.h"

namespace kit::bench {

struct Stalled : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct Interrupted : std::exception {};

inline constexpr int kPatienceMs = 10'000;

// Where to connect, and what to say first.
struct Endpoint {
  std::uint16_t port = 0;
  std::function<Operation()> hello;  // made for each connection; empty: nothing
  // Every operation has a connection of its own, which is made for it and closed after it; the time
  // for that counts. There is no hello then.
  bool connects_each_time = false;
};

struct Figures {
  double per_second = 0;
  double p99_us = 0;
};

class Load {
 public:
  // Connects, and says hello on each connection. Without connections that stay, nothing is done
  // yet.
  Load(const Endpoint& endpoint, int connections, int stop_fd);
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  // Repeats an operation on every connection for about so long. All that was begun is waited for,
  // and counts. With several operations, the connections take one each, in turn.
  Figures run(const std::vector<Operation>& operations, std::int64_t duration_ms);

 private:
  struct Connection {
    UniqueFd fd;
    const Operation* operation = nullptr;
    std::size_t sent = 0;
    bool waits_to_send = false;
    std::int64_t started_ns = 0;
    ReplyReader reader;
  };

  void connect_all(const Endpoint& endpoint);
  void connect_anew(Connection& connection);
  void watch(Connection& connection, int control, std::uint32_t events);
  void begin(Connection& connection, const Operation& operation, std::int64_t now_ns);
  void send_more(Connection& connection);
  bool receive(Connection& connection);
  void serve(std::uint64_t connection, std::uint32_t events);
  void finish(Connection& connection);
  void wait_for_all();

  const std::uint16_t port_;
  const bool connects_each_time_;
  UniqueFd epoll_;
  std::vector<Connection> connections_;
  std::vector<char> buffer_;
  std::int64_t end_ns_ = 0;  // nothing new is begun after this
  int busy_ = 0;             // how many connections wait for an answer
  std::vector<std::int64_t> latencies_ns_;
};

}  // namespace kit::bench

#endif  // GRADER_BENCH_LOAD_H_
