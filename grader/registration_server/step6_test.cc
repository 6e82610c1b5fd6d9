// Step 6: clients that leave.
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/holdings.h"
#include "grader/harness/peer_error.h"
#include "grader/harness/probe_run.h"
#include "grader/harness/rounds.h"
#include "grader/registration_server/instance.h"
#include "grader/registration_server/running_server.h"
#include "grader/registration_server/shared_notes.h"
#include "grader/registration_server/typist.h"

namespace kit::registration_lab {
namespace {

bool exists(const RunningServer& server, const std::string& object) {
  for (const std::string& file : object_files(server.instance())) {
    if (file == object) return true;
  }
  return false;
}

KIT_CHECK(Unregister, FreesNameAndChannel,
          .why = "Who has left should cost nothing, and his name is somebody else's now.",
          .hint =
              "Take it out of the registry, remove the object, free the seat; then answer, and "
              "close the channel.",
          .function = "registration::Worker::unregister") {
  RunningServer server;
  const WireClientPtr bob = registered(server, "bob");
  for (int i = 0; i < 3; ++i) {
    const WireClientPtr ann = registered(server, "ann");
    require(exists(server, ann->channel_name()), "an object for the comm channel", "there is none");
    require_ok("the answer to UNREGISTER", ann->ask(Action::kUnregister));
    require(!exists(server, ann->channel_name()),
            "the comm channel's object is removed before the answer", "it is still there");
    const WireClientPtr other = registered(server, "ann");
    require(other->key() != ann->key(), "another key", "the same key again");
    ann->await_close();
    require_ok("the answer to UNREGISTER", other->ask(Action::kUnregister));
  }
  require_equal("the clients in the list", std::to_string(bob->ask(Action::kList).clients.size()),
                "1");
}

KIT_CHECK(Unregister, EndsTheClient,
          .why = "A script ends with its input; nothing of it should stay behind.",
          .hint = "The end of the input is an UNREGISTER, too.",
          .function = "registration::Console::run") {
  RunningServer server;
  for (const bool is_typed : {true, false}) {
    Typist ann(server.instance(), "ann");
    ann.read_key();
    is_typed ? ann.type("unregister\n") : ann.end_input();
    ann.expect_line("ok");
    ann.expect_exit(0);
  }
  const Summary summary = server.summary();
  require_equal("the clients that have left", std::to_string(summary.left_clients), "2");
  require_equal("the total", std::to_string(summary.total), "4");
}

KIT_CHECK(Unregister, LeavesNoAddress,
          .why = "A message must never reach somebody who came later under the same name.",
          .hint = "The key is gone with the client, and the inbox with it.",
          .function = "registration::Registry::remove") {
  RunningServer server;
  const WireClientPtr bob = registered(server, "bob");
  Key old_key = wire::kNoKey;
  {
    const WireClientPtr ann = registered(server, "ann");
    old_key = ann->key();
    for (int i = 0; i < 64; ++i)
      require_ok("the answer to SEND", bob->send(old_key, "for the first"));
    require_ok("the answer to UNREGISTER", ann->ask(Action::kUnregister));
  }
  require_status("the answer to SEND to one who has just left", bob->send(old_key, "hello").status,
                 Status::kNoSuchClient);
  const WireClientPtr ann = registered(server, "ann");
  require_status("what the next ann receives", ann->ask(Action::kReceive).status, Status::kEmpty);
  require_status("the answer to SEND with the old key", bob->send(old_key, "hello").status,
                 Status::kNoSuchClient);
}

KIT_CHECK(Unregister, GivesBackWhatAClientCosts,
          .why = "A server runs for months, and each client has a thread, memory and an object.",
          .hint = "Join the worker's thread: one that nobody joins keeps its stack.",
          .function = "registration::Server::run") {
  RunningServer server;
  registered(server, "first")->ask(Action::kUnregister);
  const Holdings before = holdings_of(server.server());
  did("60 clients come and go");
  for (int i = 0; i < 60; ++i) registered(server, "ann")->ask(Action::kUnregister);
  require_back(server.server(), before, {.threads = 4, .descriptors = 4, .mappings = 40});
}

KIT_CHECK(Unregister, AThousandTimesFromFiftyProcesses,
          .why =
              "Every request on the connect channel is answered, by its own answer, however many "
              "come at once; and no key is used twice.",
          .hint = "Each exchange has the mutex for itself, and each answer the id of its request.",
          .function = "registration::ConnectServer::serve_one") {
  constexpr int kProcesses = 50;
  constexpr int kTimes = 20;
  RunningServer server;
  SharedNotes<kProcesses * kTimes> notes;
  did("50 processes register, ask for STATS and unregister, 20 times each");
  in_processes(kProcesses, [&](int i) {
    for (int n = 0; n < kTimes; ++n) {
      WireClient client(server.instance(), deadline());
      const Status status = client.enroll("p" + std::to_string(i));
      if (status != Status::kOk) throw PeerError("REGISTER was answered with " + name_of(status));
      notes.note(i * kTimes + n, client.key());
      if (client.ask(Action::kStats).stats.requests != 2)
        throw PeerError("STATS does not tell of 2 requests");
      if (client.ask(Action::kUnregister).status != Status::kOk)
        throw PeerError("UNREGISTER was not answered with ok");
    }
  });
  std::set<Key> keys;
  for (int i = 0; i < kProcesses * kTimes; ++i) {
    require(keys.insert(notes.at(i)).second, "a key is never used again", "a key came twice");
  }
  const Summary summary = server.summary();
  require_equal("the clients that have left", std::to_string(summary.left_clients), "1000");
  require_equal("the total", std::to_string(summary.total), "3000");
  require_equal("the objects that are left", std::to_string(object_files(server.instance()).size()),
                "1");
}

constexpr char kProbe[] = "leaving_probe";

// A is the server; B and C come, talk, and go.
Scenario coming_and_going(std::mt19937_64& random) {
  Scenario scenario{{"processes", fresh_instance()}, {}};
  scenario.threads.push_back({{"A.start", {"4"}}, {"A.await", {"2"}}, {"A.stop", {}}});
  for (const bool is_first : {true, false}) {
    const std::string who = is_first ? "B" : "C";
    const std::string name = is_first ? "ann" : "bob";
    const std::string other = is_first ? "bob" : "ann";
    std::vector<Call> calls = {{who + ".enroll", {name}}, {who + ".send", {other, "hello"}}};
    if (random() % 2 == 0) calls.push_back({who + ".receive", {}});
    calls.push_back({who + ".unregister", {}});
    scenario.threads.push_back(calls);
  }
  return scenario;
}

// A server that has no room for both would refuse one, and be right.
bool has_room(const Scenario& scenario) {
  for (const auto& calls : scenario.threads) {
    for (const Call& call : calls) {
      if (call.name == "A.start" && call.args.at(0) != "4") return false;
    }
  }
  return true;
}

// How many requests were answered, or what is wrong.
std::optional<Flaw> judge_clients(const History& history, bool is_cut_short, int& requests) {
  for (const Operation& operation : history) {
    const std::string what = operation.call.substr(2);
    const std::string& result = operation.result;
    if (operation.call[0] == 'A' || result == "is not registered") continue;
    // Without a server, or when it has not waited for all of them.
    const bool has_none =
        result == "server-gone" || result.starts_with("threw registration::NoObject");
    if (is_cut_short && has_none) continue;
    // It was carried out, and then the server ended before it could say so.
    bool is_right = result == "ok" || (what == "unregister" && result == "server-gone");
    if (what == "send") is_right |= result == "not listed" || result == "no-such-client";
    if (what == "receive")
      is_right = result == "empty" || result == "ann: hello" || result == "bob: hello";
    if (!is_right) return Flaw(render(operation));
    // LIST, and then SEND.
    requests += what == "send" && result != "not listed" ? 2 : 1;
  }
  return std::nullopt;
}

int count_of(const History& history, const std::string& what) {
  int count = 0;
  for (const Operation& operation : history) count += operation.call.ends_with(what);
  return count;
}

// Judges what there is: a history that was shrunk may lack anything.
std::optional<Flaw> judge_comings(const History& history) {
  const std::string clients = std::to_string(count_of(history, ".unregister"));
  bool has_waited = false;
  std::string summary;
  for (const Operation& operation : history) {
    if (operation.call == "A.await")
      has_waited = operation.result == "all have left" && operation.args.at(0) == clients;
    if (operation.call == "A.stop") summary = operation.result;
  }
  const bool is_cut_short =
      !has_waited || summary.empty() || count_of(history, ".enroll") != std::stoi(clients);
  int requests = 0;
  if (const auto flaw = judge_clients(history, is_cut_short, requests)) return flaw;
  const std::string expected = "left " + clients + ", here 0, requests " + std::to_string(requests);
  if (is_cut_short || summary == expected) return std::nullopt;
  return Flaw("A.stop() -> " + summary + ", and it should be " + expected);
}

KIT_CHECK(Unregister, LooksRightInAnyOrder,
          .why = "Clients come, send and leave while others do the same.",
          .hint =
              "What may still use a member that leaves? Who joins the worker, and what does its "
              "thread touch last?",
          .function = "registration::Worker::run") {
  const std::string expected = "everybody is answered, and the sum at the end is right";
  if (config().mode == Mode::kExplore) {
    return check_histories(kProbe, expected, coming_and_going, judge_comings,
                           CheckOptions{.scenarios = 2, .schedules = 40, .makes_sense = has_room});
  }
  for (const History& history : run_probe(kProbe, coming_and_going(random()), 5)) {
    if (const auto flaw = judge_comings(history)) fail(expected, varies(flaw->what));
  }
}

}  // namespace
}  // namespace kit::registration_lab
