// Step 4: the two ends of a comm channel.
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/probe_run.h"
#include "grader/harness/rounds.h"
#include "grader/registration_server/instance.h"
#include "grader/registration_server/script.h"

namespace kit::registration_lab {
namespace {

constexpr char kProbe[] = "comm_probe";

KIT_CHECK(Comm, AnswersEachRequest, .why = "It is all that a comm channel is for.",
          .hint =
              "The request, its id, the post; the response, its id, the post. And the next one, in "
              "the same loop.",
          .function = "registration::CommServer::serve_one") {
  Script(processes())
      .meanwhile("B", "connect", {kLongMs}, "connected")
      .then("A", "open", {}, "open")
      .meanwhile("A", "serve", {"3", kLongMs}, "3 answered")
      .then("B", "send", {"a", "5", kLongMs}, "ok, a*5")
      .then("B", "send", {"b", "3", kLongMs}, "ok, b*3")
      .then("B", "ask", {"4", kLongMs}, "ok")
      .then("A", "seen", {}, "action 4")
      .then("A", "remove", {}, "done")
      .then("C", "connect", {"0"}, "NoObject")
      .meanwhile("A", "serve", {"1", kLongMs}, "1 answered")
      .then("B", "send", {"c", "1", kLongMs}, "ok, c*1")
      .then("B", "drop", {}, "done")
      .then("A", "end", {}, "done")
      .require(kProbe);
}

KIT_CHECK(Comm, CarriesTextsToTheByte, .why = "The longest text is where the bounds show.",
          .hint =
              "1024 bytes fit. A longer one goes as far as there is room, with its true length, so "
              "that the server can refuse it.",
          .function = "registration::CommClient::send") {
  Script script(processes());
  script.then("A", "open", {}, "open").then("B", "connect", {"0"}, "connected");
  for (const auto& [bytes, back] : std::vector<std::pair<std::string, std::string>>{
           {"1", "1"}, {"1023", "1023"}, {"1024", "1024"}, {"1025", "1024"}, {"9000", "1024"}}) {
    script.meanwhile("A", "serve", {"1", kLongMs}, "1 answered")
        .then("B", "send", {"a", bytes, kLongMs}, "ok, a*" + back)
        .then("A", "seen", {}, "action 2, " + bytes + " bytes: a*" + back);
  }
  script.then("B", "drop", {}, "done").then("A", "end", {}, "done").require(kProbe);
}

KIT_CHECK(Comm, WakesWhoWaits, .why = "A request must not wait until somebody looks by himself.",
          .hint = "One post for each request, and one for each response.",
          .function = "registration::CommServer::serve_one") {
  Script(processes())
      .then("A", "open", {}, "open")
      .meanwhile("A", "serve", {"1", wake_ms()}, "1 answered")
      .when_asleep("A", "C", "raw", {"3", "0", "1"}, "answered")
      .require(kProbe);
  forget_did();
  Script(processes())
      .then("A", "open", {}, "open")
      .then("B", "connect", {"0"}, "connected")
      .meanwhile("A", "serve", {"1", wake_ms()}, "1 answered")
      .when_asleep("A", "B", "send", {"a", "3", wake_ms()}, "ok, a*3")
      .then("A", "serve", {"1", "100"}, "0 answered, and no more")
      .then("A", "cpu", {}, "asleep")
      .require(kProbe);
  forget_did();
  Script({"threads", fresh_instance()})
      .then("A", "open", {}, "open")
      .meanwhile("A", "serve", {"1", kLongMs}, "0 answered, and no more")
      .when_asleep("A", "D", "wake", {}, "done")
      .then("A", "seen", {}, "nothing")
      .then("D", "wake", {}, "done")
      .then("A", "serve", {"1", kLongMs}, "0 answered, and no more")
      .meanwhile("A", "serve", {"1", kLongMs}, "0 answered, and no more")
      .when_asleep("A", "D", "close", {}, "done")
      .then("A", "end", {}, "done")
      .require(kProbe);
}

KIT_CHECK(Comm, TellsThatTheServerIsGone,
          .why = "Nobody may wait for ever for a server that has ended or was killed.",
          .hint =
              "The channel's state, and every kLifeCheckMs the function that the client was given. "
              "At the deadline it is kNoAnswer.",
          .function = "registration::CommClient::ask") {
  Script(processes())
      .then("A", "open", {}, "open")
      .then("B", "connect", {"0"}, "connected")
      .then("C", "connect", {"0"}, "connected")
      .then("C", "ask", {"4", "150"}, "no-answer")
      .then("C", "cpu", {}, "asleep")
      .meanwhile("B", "ask", {"4", kLongMs}, "server-gone")
      .when_asleep("B", "A", "close", {}, "done")
      .then("B", "ask", {"4", kLongMs}, "server-gone")
      .then("A", "end", {}, "done")
      .require(kProbe);
  forget_did();
  Script(processes())
      .then("A", "open", {}, "open")
      .then("B", "connect", {"0"}, "connected")
      .dies("A")
      .then("B", "believe", {}, "done")
      .then("B", "ask", {"4", kLongMs}, "server-gone")
      .require(kProbe);
}

KIT_CHECK(Comm, TakesAnyRequest,
          .why = "What a client writes into its request, and how often it posts, may be anything.",
          .hint =
              "Copy the request before you look at it, and no more of the text than there is room "
              "for. A post without a new id is no request.",
          .function = "registration::CommServer::serve_one") {
  const std::string all = "x*1024";
  Script script(processes());
  script.then("A", "open", {}, "open");
  const auto ask = [&](const std::string& action, const std::string& bytes, const std::string& jump,
                       const std::string& seen) {
    script.meanwhile("A", "serve", {"1", kLongMs}, "1 answered")
        .then("B", "raw", {action, bytes, jump}, "answered")
        .then("A", "seen", {}, "action " + action + ", " + bytes + " bytes: " + seen);
  };
  ask("2", "1025", "1", all);
  ask("4294967295", "4294967295", "1", all);
  ask("0", "0", "2147483648", "nothing");
  ask("2", "7", "4294967295", "x*7");
  script.then("B", "stray", {}, "done")
      .then("A", "serve", {"1", "100"}, "0 answered, and no more")
      .then("B", "flood", {}, "done");
  ask("2", "7", "1", "x*7");
  script.then("A", "end", {}, "done").require(kProbe);
}

// A serves, and B asks.
KIT_CHECK(Comm, AnswersOnceWhateverTheOrder,
          .why =
              "Between the store and the post, and between the post and the look, anything may "
              "happen.",
          .hint = "The ids say what is so. The semaphores only say that it is time to look.",
          .function = "registration::CommServer::serve_one") {
  const auto make = [](std::mt19937_64&) {
    const std::string instance = fresh_instance();
    return Scenario{{"processes", instance},
                    {{{"A.open", {}}, {"A.serve", {"2", "never"}}, {"A.end", {}}},
                     {{"B.connect", {kLongMs}},
                      {"B.send", {"a", "9", "never"}},
                      {"B.send", {"b", "3", "never"}},
                      {"B.drop", {}}}}};
  };
  const auto judge = [](const History& history) -> std::optional<Flaw> {
    int sent = 0;
    for (const Operation& operation : history) {
      if (operation.call != "B.send") continue;
      const std::string expected = ++sent == 1 ? "ok, a*9" : "ok, b*3";
      if (operation.result != expected) return Flaw(render(operation));
    }
    return std::nullopt;
  };
  const std::string expected = "each request is answered once, by its own answer";
  if (config().mode == Mode::kExplore) {
    return check_histories(kProbe, expected, make, judge,
                           CheckOptions{.scenarios = 1, .schedules = 150});
  }
  for (const History& history : run_probe(kProbe, make(random()), 10)) {
    if (const auto flaw = judge(history)) fail(expected, varies(flaw->what));
  }
}

}  // namespace
}  // namespace kit::registration_lab
