// Step 3: clients and servers that die, and what they leave in the connect channel.
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/probe_run.h"
#include "grader/harness/rounds.h"
#include "grader/registration_server/instance.h"
#include "grader/registration_server/script.h"

namespace kit::registration_lab {
namespace {

constexpr char kProbe[] = "connect_probe";

KIT_CHECK(Connect, KnowsWhoIsPresent,
          .why =
              "A client that was killed says nothing. The kernel gives its mutex free, and that "
              "is how the server learns of it.",
          .hint = "The presence is held as long as the client is one; is_held() of it tells.",
          .function = "registration::ConnectServer::is_present") {
  Script(processes())
      .then("A", "open", {"4"}, "open")
      .then("A", "present", {"0"}, "no")
      .then("B", "connect", {"0"}, "connected")
      .meanwhile("A", "serve", {"1", kLongMs}, "1 answered")
      .then("B", "enroll", {"ann", kLongMs}, "ok")
      .then("A", "present", {"0"}, "yes")
      .then("C", "connect", {"0"}, "connected")
      .meanwhile("A", "serve", {"1", kLongMs}, "1 answered")
      .then("C", "enroll", {"taken", kLongMs}, "name-taken")
      .then("A", "present", {"1"}, "no")
      .meanwhile("A", "serve", {"1", kLongMs}, "1 answered")
      .then("C", "enroll", {"bob", kLongMs}, "ok")
      .then("A", "present", {"1"}, "yes")
      .then("C", "leave", {}, "done")
      .then("A", "present", {"1"}, "no")
      .dies("B")
      .when_dead("B", "A", "present", {"0"}, "no")
      .then("C", "drop", {}, "done")
      .then("A", "end", {}, "done")
      .require(kProbe);
}

KIT_CHECK(Connect, GivesUpAtItsDeadline,
          .why = "A server that was stopped answers nobody; who waits for it must hear so.",
          .hint =
              "kNoAnswer at the deadline. The request is still the server's: who comes next waits "
              "for its answer first.",
          .function = "registration::ConnectClient::enroll") {
  Script(processes())
      .then("A", "open", {"4"}, "open")
      .then("B", "connect", {"0"}, "connected")
      .then("B", "enroll", {"ann", "150"}, "no-answer")
      .then("B", "cpu", {}, "asleep")
      .then("A", "present", {"0"}, "no")
      .then("C", "connect", {"0"}, "connected")
      .then("C", "enroll", {"bob", "0"}, "no-answer")
      .meanwhile("C", "enroll", {"bob", kLongMs}, "ok")
      .when_asleep("C", "A", "serve", {"2", kLongMs}, "2 answered")
      .then("A", "seen", {}, "action 1, seat 1, 3 bytes: bob")
      .then("B", "drop", {}, "done")
      .then("C", "drop", {}, "done")
      .then("A", "end", {}, "done")
      .require(kProbe);
}

KIT_CHECK(
    Connect, TellsThatTheServerIsGone,
    .why = "Nobody may wait for ever for a server that has ended or was killed.",
    .hint =
        "Look every kLifeCheckMs: the channel's state, and whether server_life can be had. Also "
        "while you wait for the mutex of the clients.",
    .function = "registration::ConnectClient::is_server_gone") {
  // One waits for an answer, the other one for its turn.
  const auto begin = [](Script& script) {
    script.then("A", "open", {"4"}, "open")
        .then("B", "connect", {"0"}, "connected")
        .then("C", "connect", {"0"}, "connected")
        .then("B", "is_gone", {}, "no")
        .meanwhile("B", "enroll", {"ann", kLongMs}, "server-gone");
  };
  const auto end = [](Script& script) {
    // One after the other: who looks has the mutex for a moment, and looks like a server meanwhile.
    script.then("C", "seat", {"0"}, "free")
        .then("B", "is_gone", {}, "yes")
        .then("C", "is_gone", {}, "yes")
        .then("C", "enroll", {"bob", kLongMs}, "server-gone")
        .then("B", "drop", {}, "done")
        .then("C", "drop", {}, "done");
  };
  Script closed(processes());
  begin(closed);
  closed.when_asleep("B", "C", "seat", {"0"}, "free")
      .meanwhile("C", "enroll", {"bob", kLongMs}, "server-gone")
      .when_asleep("C", "A", "close", {}, "done");
  end(closed);
  closed.then("A", "end", {}, "done").require(kProbe);

  forget_did();
  Script killed(processes());
  begin(killed);
  killed.when_asleep("B", "C", "seat", {"0"}, "free")
      .meanwhile("C", "enroll", {"bob", kLongMs}, "server-gone")
      .when_asleep("C", "A", "seen", {}, "nothing")
      .dies("A");
  end(killed);
  killed.require(kProbe);
}

KIT_CHECK(
    Connect, TakesAnyRequest,
    .why = "What a client writes into its request may be anything, and may change at any time.",
    .hint =
        "Copy it before you look at it, and no more of the name than there is room for, "
        "whatever length it claims.",
    .function = "registration::ConnectServer::serve_one") {
  const std::string all(32, 'x');
  Script script(processes());
  script.then("A", "open", {"4"}, "open");
  const auto ask = [&](const std::string& action, const std::string& seat, const std::string& bytes,
                       const std::string& status, const std::string& seen) {
    script.meanwhile("A", "serve", {"1", kLongMs}, "1 answered")
        .then("B", "raw", {action, seat, bytes}, status)
        .then("A", "seen", {}, seen);
  };
  ask("1", "77", "3", "full", "action 1, seat 77, 3 bytes: xxx");
  ask("1", "4294967294", "3", "full", "action 1, seat 4294967294, 3 bytes: xxx");
  ask("1", "4", "3", "full", "action 1, seat 4, 3 bytes: xxx");
  ask("1", "0", "33", "bad-name", "action 1, seat 0, 33 bytes: " + all);
  ask("1", "0", "4294967295", "bad-name", "action 1, seat 0, 4294967295 bytes: " + all);
  ask("4294967295", "1", "0", "ok", "action 4294967295, seat 1, 0 bytes: ");
  script.then("A", "end", {}, "done").require(kProbe);
}

// After it, C registers, and the one who died must neither answer nor be answered in its place.
KIT_CHECK(
    Connect, FollowsOneWhoDied,
    .why =
        "A client may be killed anywhere between the first store and the last; the next one finds "
        "its mutex, its request and its posts.",
    .hint =
        "EOWNERDEAD, then: is request.id another one than response.id? Then post for it, and wait "
        "for its answer. And a post that was left over is no answer to you: look at the id.",
    .function = "registration::ConnectClient::enroll") {
  const std::string soon_ms = wake_ms();
  for (int stage = 0; stage <= 4; ++stage) {
    const std::string answers = stage < 3 ? "1" : "2";
    forget_did();
    Script(processes())
        .then("A", "open", {"4"}, "open")
        .then("C", "connect", {"0"}, "connected")
        .dies("B", "die_at", {std::to_string(stage), "dead"})
        .when_dead("B", "D", "connect", {"0"}, "connected")
        .meanwhile("C", "enroll", {"cid", kLongMs}, "ok")
        .when_asleep("C", "A", "serve", {answers, soon_ms}, answers + " answered")
        .then("A", "seen", {},
              "action 1, seat " + std::string(stage < 3 ? "0" : "1") + ", 3 bytes: cid")
        .meanwhile("A", "serve", {"1", kLongMs}, "1 answered")
        .then("D", "enroll", {"dan", kLongMs}, "ok")
        .then("C", "drop", {}, "done")
        .then("D", "drop", {}, "done")
        .then("A", "end", {}, "done")
        .require(kProbe);
  }
  // Its answer is there, and the post for it, too.
  forget_did();
  Script(processes())
      .then("A", "open", {"4"}, "open")
      .then("C", "connect", {"0"}, "connected")
      .meanwhile("A", "serve", {"1", kLongMs}, "1 answered")
      .dies("B", "die_at", {"5", "dead"})
      .when_dead("B", "D", "connect", {"0"}, "connected")
      .meanwhile("C", "enroll", {"cid", kLongMs}, "ok")
      .when_asleep("C", "A", "serve", {"1", kLongMs}, "1 answered")
      .then("C", "drop", {}, "done")
      .then("D", "drop", {}, "done")
      .then("A", "end", {}, "done")
      .require(kProbe);
}

// A serves, and the others register at the same time.
Scenario crowd(std::mt19937_64& random, bool may_be_killed) {
  const bool is_explored = config().mode == Mode::kExplore;
  const int clients = is_explored ? 2 : 2 + random() % 6;
  const int times = is_explored ? 1 : 4;
  Scenario scenario{{"processes", fresh_instance()}, {}};
  scenario.threads.push_back(
      {{"A.open", {"64"}},
       {"A.serve", {std::to_string(clients * times), may_be_killed ? "2000" : "never"}},
       {"A.end", {}}});
  for (int i = 0; i < clients; ++i) {
    const std::string who(1, static_cast<char>('B' + i));
    std::vector<Call> calls;
    for (int time = 0; time < times; ++time) {
      calls.push_back({who + ".connect", {may_be_killed ? "50" : kLongMs}});
      calls.push_back({who + ".enroll", {who + std::to_string(time), kLongMs}});
      calls.push_back({who + ".drop", {}});
    }
    scenario.threads.push_back(calls);
  }
  return scenario;
}

// A server that does not serve all who come, and a client that does not wait, are told so, rightly.
bool is_for_all(const Scenario& scenario) {
  std::size_t served = 0;
  std::size_t clients = 0;
  for (const auto& calls : scenario.threads) {
    for (const Call& call : calls) {
      if (call.name == "A.serve")
        served = call.args.at(1) == "never" ? std::stoul(call.args[0]) : 0;
      if (call.name == "A.open" && call.args.at(0) != "64") return false;
      const bool enrolls = call.name.ends_with(".enroll");
      if (enrolls) ++clients;
      if ((enrolls || call.name.ends_with(".connect")) && call.args.back() != kLongMs) return false;
    }
  }
  return served == clients;
}

KIT_CHECK(Connect, AnswersEachWithItsOwn,
          .why = "There is one block for all: who takes the response of another one has his key.",
          .hint =
              "Hold the clients' mutex for the whole exchange, and take a response only when its "
              "id is that of your request.",
          .function = "registration::ConnectClient::enroll") {
  const auto judge = [](const History& history) -> std::optional<Flaw> {
    for (const Operation& operation : history) {
      const bool is_right = operation.result == "ok" || operation.result == "is not connected";
      if (operation.call.ends_with(".enroll") && !is_right) return Flaw(render(operation));
      if (operation.call.ends_with(".connect") && operation.result != "connected")
        return Flaw(render(operation));
    }
    return std::nullopt;
  };
  const auto make = [](std::mt19937_64& random) { return crowd(random, false); };
  const std::string expected = "everybody is answered, with his own key";
  if (config().mode == Mode::kPlain) {
    for (const History& history : run_probe(kProbe, make(random()), 10)) {
      if (const auto flaw = judge(history)) fail(expected, varies(flaw->what));
    }
    return;
  }
  check_histories(kProbe, expected, make, judge,
                  CheckOptions{.scenarios = 1, .schedules = 100, .makes_sense = is_for_all});
}

KIT_CHECK(Connect, SurvivesADeathAtAnyMoment,
          .why = "SIGKILL asks nobody whether it is a good moment.",
          .hint = "Think of each store of a registration: what if it was the last one?",
          .function = "registration::ConnectClient::enroll") {
  const auto judge = [](const History& history) -> std::optional<Flaw> {
    for (const Operation& operation : history) {
      if (!operation.completed || !operation.call.ends_with(".enroll")) continue;
      // Without a server there is none; one whose time was up has left.
      const bool is_told = operation.result == "server-gone" || operation.result == "no-answer" ||
                           operation.result == "is not connected";
      if (operation.result != "ok" && !is_told) return Flaw(render(operation));
    }
    return std::nullopt;
  };
  check_histories(
      kProbe, "whoever is killed, the others get their own answers, or hear that nobody is there",
      [](std::mt19937_64& random) { return crowd(random, true); }, judge,
      CheckOptions{.has_deaths = true, .scenarios = 1, .schedules = 150});
}

}  // namespace
}  // namespace kit::registration_lab
