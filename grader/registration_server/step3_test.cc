// Step 3: the connect channel: many clients, one request block.
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

KIT_CHECK(Connect, AnswersARegistration, .why = "It is the first thing that a client does.",
          .hint =
              "The request, its id, the post; the response, its id, the post. The seat is written "
              "before the response.",
          .function = "registration::ConnectServer::serve_one") {
  Script(processes())
      .then("A", "open", {"4"}, "open")
      .then("B", "connect", {"0"}, "connected")
      .meanwhile("A", "serve", {"1", kLongMs}, "1 answered")
      .then("B", "enroll", {"ann", kLongMs}, "ok")
      .then("A", "seen", {}, "action 1, seat 0, 3 bytes: ann")
      .then("B", "seat", {"0"}, "taken, ann, requests 1")
      .then("A", "show", {"0", "7"}, "done")
      .then("B", "seat", {"0"}, "taken, ann, requests 7")
      .meanwhile("A", "serve", {"1", kLongMs}, "1 answered")
      .then("C", "connect", {"0"}, "connected")
      .then("C", "enroll", {"bob", kLongMs}, "ok")
      .then("A", "seen", {}, "action 1, seat 1, 3 bytes: bob")
      .then("C", "drop", {}, "done")
      .then("B", "drop", {}, "done")
      .then("A", "end", {}, "done")
      .then("C", "connect", {"0"}, "NoObject")
      .require(kProbe);
}

KIT_CHECK(Connect, WaitsForItsServer,
          .why = "Server and clients are started together; the clients may be first.",
          .hint = "The channel is open when all that is in it can be used, and not before.",
          .function = "registration::ConnectServer::ConnectServer") {
  Script(processes())
      .meanwhile("B", "connect", {kLongMs}, "connected")
      .when_asleep("B", "A", "open", {"4"}, "open")
      .meanwhile("B", "enroll", {"ann", kLongMs}, "ok")
      .when_asleep("B", "A", "serve", {"1", kLongMs}, "1 answered")
      .then("B", "drop", {}, "done")
      .then("A", "end", {}, "done")
      .require(kProbe);
}

KIT_CHECK(Connect, TellsWhatWasRefused,
          .why = "It is the server that decides; a client that knows better cannot be talked to.",
          .hint = "A name that is too long goes as far as there is room, with its true length.",
          .function = "registration::ConnectClient::enroll") {
  const std::string longest(32, 'x');
  Script script(processes());
  script.then("A", "open", {"1"}, "open").then("B", "connect", {"0"}, "connected");
  const std::vector<std::pair<std::string, std::string>> names = {
      {"taken", "name-taken"},
      {longest + "y", "bad-name"},
      {std::string(200, 'z'), "bad-name"},
      {longest, "ok"}};
  for (const auto& [name, result] : names) {
    script.meanwhile("A", "serve", {"1", kLongMs}, "1 answered")
        .then("B", "enroll", {name, kLongMs}, result)
        .then("A", "seen", {},
              "action 1, seat 0, " + std::to_string(name.size()) + " bytes: " + name.substr(0, 32));
  }
  script.then("C", "connect", {"0"}, "connected")
      .meanwhile("A", "serve", {"1", kLongMs}, "1 answered")
      .then("C", "enroll", {"cid", kLongMs}, "full")
      .then("A", "seen", {}, "action 1, seat none, 3 bytes: cid")
      .then("B", "drop", {}, "done")
      .then("C", "drop", {}, "done")
      .then("A", "end", {}, "done")
      .require(kProbe);
}

KIT_CHECK(Connect, WakesWhoWaits,
          .why =
              "Who waits for a post looks by himself only now and then, if at all. And who looks "
              "all the time takes the processor away from those he waits for.",
          .hint = "One post for each request, and one for each response.",
          .function = "registration::ConnectServer::serve_one") {
  Script(processes())
      .then("A", "open", {"4"}, "open")
      .meanwhile("A", "serve", {"1", wake_ms()}, "1 answered")
      .when_asleep("A", "C", "raw", {"1", "0", "3"}, "ok")
      .then("B", "connect", {"0"}, "connected")
      .meanwhile("A", "serve", {"1", wake_ms()}, "1 answered")
      .when_asleep("A", "B", "enroll", {"ann", wake_ms()}, "ok")
      .then("C", "stray", {}, "done")
      .then("A", "serve", {"1", "100"}, "0 answered, and no more")
      .then("A", "cpu", {}, "asleep")
      .then("B", "drop", {}, "done")
      .then("A", "end", {}, "done")
      .require(kProbe);
  forget_did();
  Script({"threads", fresh_instance()})
      .then("A", "open", {"4"}, "open")
      .meanwhile("A", "serve", {"1", kLongMs}, "0 answered, and no more")
      .when_asleep("A", "D", "wake", {}, "done")
      .then("A", "seen", {}, "nothing")
      .then("D", "wake", {}, "done")
      .then("A", "serve", {"1", kLongMs}, "0 answered, and no more")
      .meanwhile("A", "serve", {"1", kLongMs}, "0 answered, and no more")
      .when_asleep("A", "D", "close", {}, "done")
      .then("A", "serve", {"1", kLongMs}, "0 answered, and no more")
      .then("A", "end", {}, "done")
      .require(kProbe);
}

KIT_CHECK(Connect, GivesSeatsOnce,
          .why = "Two clients in one seat read each other's names, and hide each other's deaths.",
          .hint =
              "A seat is a client's own when it is free and its presence was had without waiting; "
              "it is free again when the server says so.",
          .function = "registration::ConnectClient::enroll") {
  Script(processes())
      .then("A", "open", {"2"}, "open")
      .then("A", "is_free", {"0"}, "yes")
      .then("A", "is_free", {"2"}, "no")
      .then("A", "is_free", {"4294967295"}, "no")
      .then("B", "connect", {"0"}, "connected")
      .meanwhile("A", "serve", {"1", kLongMs}, "1 answered")
      .then("B", "enroll", {"ann", kLongMs}, "ok")
      .then("A", "is_free", {"0"}, "no")
      .then("C", "connect", {"0"}, "connected")
      .meanwhile("A", "serve", {"1", kLongMs}, "1 answered")
      .then("C", "enroll", {"bob", kLongMs}, "ok")
      .then("C", "seat", {"1"}, "taken, bob, requests 1")
      .then("B", "leave", {}, "done")
      .then("D", "connect", {"0"}, "connected")
      .meanwhile("A", "serve", {"1", kLongMs}, "1 answered")
      .then("D", "enroll", {"cid", kLongMs}, "full")
      .then("A", "free", {"0"}, "done")
      .then("A", "is_free", {"0"}, "yes")
      .meanwhile("A", "serve", {"1", kLongMs}, "1 answered")
      .then("D", "enroll", {"cid", kLongMs}, "ok")
      .then("C", "seat", {"0"}, "taken, cid, requests 1")
      .then("B", "drop", {}, "done")
      .then("C", "drop", {}, "done")
      .then("D", "drop", {}, "done")
      .then("A", "end", {}, "done")
      .require(kProbe);
}

}  // namespace
}  // namespace kit::registration_lab
