// Step 4, many clients: at once, and one after the other.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/holdings.h"
#include "grader/harness/linearize.h"
#include "grader/harness/quote.h"
#include "grader/harness/rounds.h"
#include "grader/harness/stage.h"
#include "grader/ring_buffer_server/ring_clients.h"
#include "grader/ring_buffer_server/ring_holdings.h"
#include "grader/ring_buffer_server/ring_model.h"
#include "grader/ring_buffer_server/ring_peer.h"

namespace kit::ring_lab {
namespace {

// How often a thing is tried in one round: what finds a mistake in stress mode only by many rounds
// needs some in the others, too.
int tries(int plain) {
  switch (config().mode) {
    case Mode::kPlain:
      return plain;
    case Mode::kStress:
    case Mode::kMemcheck:
      return 1;
    default:
      return std::max(1, plain / 3);
  }
}

constexpr int kClients = 8;

// Clients of a server; together they say HELLO at the same moment.
class Crowd {
 public:
  Crowd(const Server& server, int count) {
    for (int i = 0; i < count; ++i) {
      connections_.push_back(&connect_quietly(server));
      peers_.emplace_back(*connections_.back()).greet();
    }
  }

  // Under the names "x-0", "x-1" and so on. Returns the numbers of their sessions.
  std::vector<std::uint64_t> come_in(const std::string& name) {
    for (std::size_t i = 0; i < peers_.size(); ++i) {
      peers_[i].send("HELLO " + name + "-" + std::to_string(i) + "\n");
    }
    std::vector<std::uint64_t> sessions;
    for (RingPeer& peer : peers_) sessions.push_back(number_of("WELCOME", peer.read_line()));
    return sessions;
  }

  void leave() {
    for (TcpPeer* connection : connections_) connection->close();
  }

  std::vector<RingPeer>& peers() { return peers_; }

 private:
  std::vector<TcpPeer*> connections_;
  std::vector<RingPeer> peers_;
};

void require_different(const std::vector<std::uint64_t>& sessions) {
  const std::set<std::uint64_t> different(sessions.begin(), sessions.end());
  require(different.size() == sessions.size(), "each session has a number of its own",
          std::to_string(sessions.size()) + " sessions have " +
              varies(std::to_string(different.size())) + " different numbers");
}

KIT_CHECK(Server, NumbersEachSession, .why = "Two sessions with one number cannot be told apart.",
          .hint = "All sessions share the count. Is it one step to add to it and to read it?",
          .function = "ring::Session::run") {
  constexpr int kWaves = 30;
  const Server server = start_ring();
  did("30 times, 30 clients say HELLO at the same moment");
  std::vector<std::uint64_t> sessions;
  for (int wave = 0; wave < kWaves; ++wave) {
    Crowd crowd(server, 30);
    const auto numbers = crowd.come_in("wave" + std::to_string(wave));
    sessions.insert(sessions.end(), numbers.begin(), numbers.end());
    crowd.leave();
  }
  require_different(sessions);
}

// What each client was told about the messages that it stored: their numbers, in order.
using Numbers = std::vector<std::vector<std::uint64_t>>;

std::map<std::uint64_t, std::string> by_number(const Numbers& numbers) {
  std::map<std::uint64_t, std::string> stored;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    for (std::size_t n = 0; n < numbers[i].size(); ++n) {
      const std::string number = std::to_string(numbers[i][n]);
      const std::string message = number + " client-" + std::to_string(i) + " " + std::to_string(n);
      require(stored.emplace(numbers[i][n], message).second, "each message has a number of its own",
              "two messages got the number " + varies(number));
      require(n == 0 || numbers[i][n] > numbers[i][n - 1],
              "a client's later message has the greater number",
              varies(number) + " after " + varies(std::to_string(numbers[i][n - 1])));
    }
  }
  return stored;
}

KIT_CHECK(Server, GivesEachNumberOnce,
          .why = "A number that is given twice, or left out, makes clients miss messages.",
          .hint = "All sessions push into the same ring. What else do they share?",
          .function = "ring::Session::run") {
  constexpr int kMessages = 60;
  const Server server = start_ring({"--capacity", std::to_string(kClients * kMessages)});
  did("eight clients store 60 messages each, all at once");
  Crowd crowd(server, kClients);
  crowd.come_in("client");
  std::vector<RingPeer>& peers = crowd.peers();
  Numbers numbers(kClients);
  in_parallel(kClients, [&](int i) {
    for (int n = 0; n < kMessages; ++n) {
      numbers[i].push_back(number_of("OK", peers[i].set(std::to_string(n))));
    }
  });
  const std::map<std::uint64_t, std::string> stored = by_number(numbers);
  require(stored.rbegin()->first == kClients * kMessages, "480 messages have the numbers 1 to 480",
          "the greatest number is " + varies(std::to_string(stored.rbegin()->first)));
  std::string all;
  for (const auto& [number, message] : stored) all += (all.empty() ? "" : " | ") + message;
  const std::string list = peers[0].list(kClients * kMessages);
  require(list == all, "GET 480 shows what was stored: " + varies(shortened(all)),
          varies(shortened(list)));
}

// One client's part of a history: random commands, with the times at which they began and ended.
class Recorder {
 public:
  Recorder(RingPeer peer, std::string name, int thread, std::uint64_t seed)
      : peer_(std::move(peer)), name_(std::move(name)), thread_(thread), random_(seed) {}

  void run(int calls) {
    for (int i = 0; i < calls; ++i) {
      Operation& operation = history_.emplace_back(next_operation(i));
      operation.begin_ns = monotonic_ns();
      if (operation.call == "push") {
        operation.result = std::to_string(number_of("OK", peer_.set(operation.args[1])));
      } else {
        operation.result = peer_.list(std::stoull(operation.args[0]));
      }
      operation.end_ns = monotonic_ns();
      operation.completed = true;
    }
  }

  const History& history() const { return history_; }

 private:
  Operation next_operation(int index) {
    Operation operation;
    operation.thread = thread_;
    operation.index = index;
    if (random_() % 2 == 0) {
      operation.call = "push";
      operation.args = {name_, std::string(1, static_cast<char>('a' + random_() % 26))};
    } else {
      operation.call = "latest";
      operation.args = {std::to_string(1 + random_() % 4)};
    }
    return operation;
  }

  RingPeer peer_;
  std::string name_;
  int thread_;
  std::mt19937_64 random_;
  History history_;
};

constexpr int kCapacity = 3;

History record(const Server& server) {
  constexpr int kRecorders = 4;
  constexpr int kCalls = 8;
  std::vector<Recorder> recorders;
  for (int i = 0; i < kRecorders; ++i) {
    const std::string name(1, static_cast<char>('A' + i));
    recorders.emplace_back(come_in_quietly(server, name), name, i, random()());
  }
  in_parallel(kRecorders, [&](int i) { recorders[i].run(kCalls); });
  History history;
  for (const Recorder& recorder : recorders) {
    history.insert(history.end(), recorder.history().begin(), recorder.history().end());
  }
  return history;
}

KIT_CHECK(Server, LooksAtomicToManyClients,
          .why =
              "Whatever many clients do at once, each must see what some order of their commands "
              "would give.",
          .hint =
              "What is shared between sessions, beside the ring? Each needs a lock, or must not be "
              "shared.",
          .function = "ring::Session::run") {
  for_each_round([](const Round& round) {
    for (int i = 0; i < tries(9); ++i) {
      forget_did();
      const Server server = start_ring({"--capacity", std::to_string(kCapacity)}, round.start);
      did("four clients at once, A to D: SET (here: push) and GET <k> (here: latest)");
      const History history = record(server);
      const LinearizeResult result = check_linearizable(history, RingModel(kCapacity));
      if (result.verdict != LinearizeResult::Verdict::kNotLinearizable) continue;
      fail("some order of the commands, one after the other, gives these answers",
           varies(explain(history, result)) + "\nWhat was asked and answered:\n" +
               varies(render(history)));
    }
  });
}

KIT_CHECK(
    Server, LetsInOneOfTwins, .why = "Two clients with one name can say HELLO at the same moment.",
    .hint = "To look whether the name is free, and to take it, must be one step under one lock.",
    .function = "ring::Guests::Seat::take_name") {
  constexpr int kTwins = 6;
  for_each_round([](const Round& round) {
    const Server server = start_ring({}, round.start);
    did("six clients say HELLO with the same name at the same moment, over and over with another "
        "name");
    for (int i = 0; i < tries(40); ++i) {
      const std::string name = "twin" + std::to_string(i);
      std::vector<RingPeer> peers;
      for (int twin = 0; twin < kTwins; ++twin) peers.emplace_back(connect_quietly(server)).greet();
      for (RingPeer& peer : peers) peer.send("HELLO " + name + "\n");
      int welcome = 0;
      for (RingPeer& peer : peers) {
        const std::string answer = peer.read_line();
        if (answer == "DENIED name-taken") continue;
        static_cast<void>(number_of("WELCOME", answer));
        ++welcome;
      }
      require(welcome == 1, "one of them is welcome, and the others are DENIED name-taken",
              varies(std::to_string(welcome)) + " of them were welcome");
    }
  });
}

// --- One after the other.

KIT_CHECK(
    Server, ForgetsClientsThatLeave,
    .why =
        "A server runs for months. What one connection leaves behind, a million of them multiply.",
    .hint =
        "When a session ends: its descriptor is closed, its thread joined (a thread that is not "
        "joined keeps its stack), its entry taken out of every list.",
    .function = "ring::Server::serve") {
  const Server server = start_ring();
  come_and_go(server, 20, "early");
  const Holdings before = holdings_of(server);
  const int count = config().mode == Mode::kPlain ? 500 : 60;
  did(std::to_string(count) + " clients came in and left, one after the other");
  come_and_go(server, count, "guest");
  require_back(server, before, count);
}

}  // namespace
}  // namespace kit::ring_lab
