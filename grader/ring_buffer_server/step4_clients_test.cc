// Step 4 under controlled schedules: a few clients of a few sessions, or of a server, each of which
// does little. What takes many clients and much luck elsewhere is found here by trying the orders.
#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/linearize.h"
#include "grader/harness/rounds.h"
#include "grader/ring_buffer_server/clients_model.h"

namespace kit::ring_lab {
namespace {

constexpr char kProbe[] = "clients_probe";

// A session takes more steps than a call on a ring. All shapes of scenarios come once.
constexpr CheckOptions kEffort{.scenarios = 3, .schedules = 200};
// Two threads of a server meet in few of their orders only.
constexpr CheckOptions kGreatEffort{.scenarios = 3, .schedules = 300};
// One scenario, and most of its orders show the mistake.
constexpr CheckOptions kLittleEffort{.scenarios = 1, .schedules = 100};

// Client 0 is A.
Call call_of(int client, const std::string& name, Words args) {
  return {static_cast<char>('A' + client) + ("." + name), std::move(args)};
}
Call come(int client, const std::string& name) { return call_of(client, "come", {name}); }
Call set(int client, const std::string& text) { return call_of(client, "set", {text}); }
Call get(int client, int count) { return call_of(client, "get", {std::to_string(count)}); }
Call leave(int client) { return call_of(client, "leave", {}); }

const char* name_of(int client) { return client == 0 ? "ann" : "bob"; }

// A schedule may let any time pass between two steps of a session. Who has been too slow for the
// handshake had a seat all the same: such a run tells nothing. Nor does one with a name that was
// shrunk to nothing.
bool is_conclusive(const History& history) {
  return std::none_of(history.begin(), history.end(), [](const Operation& operation) {
    return operation.result == "DENIED timeout" || operation.result == "DENIED bad-name";
  });
}

// Some order of the calls, one after the other, must give what the clients were told.
void check_order(const std::string& expected, std::size_t max_clients, const MakeScenario& make) {
  const auto judge = [&](const History& history) -> std::optional<std::string> {
    if (!is_conclusive(history)) return std::nullopt;
    const LinearizeResult result = check_linearizable(history, ClientsModel(max_clients));
    if (result.verdict != LinearizeResult::Verdict::kNotLinearizable) return std::nullopt;
    return explain(history, result);
  };
  check_histories(kProbe, expected, make, judge, kEffort);
}

Scenario sessions(std::size_t max_clients, int clients) {
  Scenario scenario;
  scenario.setup = {"sessions", std::to_string(max_clients)};
  scenario.threads.resize(static_cast<std::size_t>(clients));
  return scenario;
}

KIT_CHECK(Clients, SeeOneOrder,
          .why =
              "Whatever clients do at once, each must see what some order of their commands would "
              "give, and be given a number of its own.",
          .hint =
              "What do sessions share, beside the ring? Each of it needs a lock, or must be one "
              "step, or must not be shared.",
          .function = "ring::Session::run") {
  const auto make = [](std::mt19937_64& random) {
    Scenario scenario = sessions(4, 2);
    for (int client = 0; client < 2; ++client) {
      std::vector<Call>& calls = scenario.threads[static_cast<std::size_t>(client)];
      const std::string text(1, static_cast<char>('a' + random() % 26));
      calls = {come(client, name_of(client)), set(client, text)};
      if (random() % 2 == 0) calls.push_back(get(client, 2));
    }
    return scenario;
  };
  check_order("some order of the commands, one after the other, gives these answers", 4, make);
}

// Shapes of scenarios, in turn: what is left to chance would be left out now and then.
class Shapes {
 public:
  explicit Shapes(std::vector<std::vector<std::vector<Call>>> shapes)
      : shapes_(std::move(shapes)) {}

  std::vector<std::vector<Call>> next() { return shapes_[count_++ % shapes_.size()]; }

 private:
  std::vector<std::vector<std::vector<Call>>> shapes_;
  std::size_t count_ = 0;
};

// Clients under these two names come, leave, and come again.
MakeScenario comings(std::size_t max_clients, const char* one, const char* other) {
  Shapes shapes({
      {{come(0, one), leave(0), come(0, one)}},
      {{come(0, one)}, {come(1, other)}},
      {{come(0, one), leave(0)}, {come(1, other)}},
  });
  return [=](std::mt19937_64&) mutable {
    return Scenario{{"sessions", std::to_string(max_clients)}, shapes.next()};
  };
}

KIT_CHECK(
    Clients, ShareNoName,
    .why =
        "Two clients with one name can say HELLO at the same moment. And who has read BYE may come "
        "back at once.",
    .hint =
        "To look whether the name is free, and to take it, must be one step under one lock. It is "
        "given back before BYE is sent.",
    .function = "ring::Guests::Seat::take_name") {
  check_order(
      "at any time at most one client is in as ann, and nobody is denied a name that is free", 4,
      comings(4, "ann", "ann"));
}

KIT_CHECK(
    Clients, AreNotTooMany, .why = "--max-clients is a promise about memory and threads.",
    .hint =
        "To look whether there is a seat, and to take it, must be one step under one lock. It is "
        "given back once, before BYE is sent.",
    .function = "ring::Guests::take_seat") {
  check_order("one client is in at a time, and nobody is told `full` while the seat is free", 1,
              comings(1, "ann", "bob"));
}

// What must hold here is that the calls return. Nobody is told anything odd meanwhile.
std::optional<std::string> find_odd_answer(const History& history) {
  static constexpr const char* kFirstWords[] = {"WELCOME ", "DENIED ", "OK ",  "BYE",
                                                "(closed)", "(is in)", "sent", "ended"};
  for (const Operation& operation : history) {
    const bool is_known =
        std::any_of(std::begin(kFirstWords), std::end(kFirstWords),
                    [&](const char* word) { return operation.result.rfind(word, 0) == 0; });
    if (!is_known) return "a client was told " + printable(operation.result);
  }
  return std::nullopt;
}

KIT_CHECK(Clients, WaitForNoSlowReader,
          .why = "A client that does not read its answers must not stop the others.",
          .hint =
              "Hold no lock while you send. What is to be sent can be copied, or shared, under the "
              "lock, and sent after it.",
          .function = "ring::Session::run") {
  const auto make = [](std::mt19937_64&) {
    Scenario scenario = sessions(4, 2);
    scenario.setup.push_back("90000");  // three messages are more than a socket or an outbox takes
    scenario.threads[0] = {come(0, "ann"), call_of(0, "ask", {"GET 3"})};
    scenario.threads[1] = {come(1, "bob"), set(1, "here")};
    return scenario;
  };
  check_histories(kProbe, "B is answered, though A does not read the 270 KB that it asked for",
                  make, find_odd_answer, kLittleEffort);
}

KIT_CHECK(Server, EndsAtAnyMoment,
          .why = "A signal comes when it comes: while a client connects, stores, or leaves.",
          .hint =
              "Stop accepting, wake every thread with Stream::shutdown(), then join it. Hold no "
              "lock that a thread needs on its way out, and let no thread outlive what it uses.",
          .function = "ring::Server::serve") {
  const std::vector<Call> stop = {{"stop", {}}};
  Shapes shapes({
      {{come(0, "ann")}, stop},
      {{come(0, "ann"), leave(0)}, stop},
      {{come(0, "ann"), set(0, "one")}, {come(1, "bob"), leave(1)}, stop},
  });
  const auto make = [=](std::mt19937_64&) mutable {
    return Scenario{{"server", "4"}, shapes.next()};
  };
  check_histories(kProbe, "the server ends, whatever its clients do just then", make,
                  find_odd_answer, kGreatEffort);
}

}  // namespace
}  // namespace kit::ring_lab
