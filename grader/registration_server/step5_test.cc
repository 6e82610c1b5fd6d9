// Step 5: the inbox and the service, without any shared memory.
#include <deque>
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/linearize.h"
#include "grader/harness/probe_run.h"
#include "grader/harness/rounds.h"

namespace kit::registration_lab {
namespace {

constexpr char kProbe[] = "service_probe";
constexpr std::size_t kInbox = 64;

bool is_explored() { return config().mode == Mode::kExplore; }

Call put(const std::string& text) { return {"put", {text}}; }
Call take() { return {"take", {}}; }
Call size() { return {"size", {}}; }
Call send(const std::string& from, const std::string& to, const std::string& text) {
  return {"send", {from, to, text}};
}
Call receive(const std::string& who) { return {"receive", {who}}; }

KIT_CHECK(Inbox, IsFirstInFirstOut, .why = "Messages should come in the order of a conversation.",
          .hint = "A queue: in at one end, out at the other.",
          .function = "registration::Inbox::take") {
  require_results(kProbe, {"0"},
                  {{take(), "empty"},
                   {put("one"), "put"},
                   {put("two"), "put"},
                   {size(), "2"},
                   {take(), "one"},
                   {put("three"), "put"},
                   {take(), "two"},
                   {take(), "three"},
                   {take(), "empty"},
                   {size(), "0"}});
}

KIT_CHECK(Inbox, HoldsExactlyItsMaximum,
          .why = "Nobody may fill the server's memory by sending to one who does not read.",
          .hint = "64 messages, and a put that does not wait when there are so many.",
          .function = "registration::Inbox::put") {
  require_results(kProbe, {"63"},
                  {{size(), "63"},
                   {put("the last"), "put"},
                   {put("too many"), "full"},
                   {size(), "64"},
                   {take(), "m1"},
                   {put("again"), "put"},
                   {put("too many"), "full"},
                   {take(), "m2"}});
}

// The inbox in the simplest way there is.
struct InboxModel {
  explicit InboxModel(int first) {
    for (int i = 1; i <= first; ++i) messages.push_back("m" + std::to_string(i));
  }

  bool apply(const Operation& operation) {
    std::string result;
    if (operation.call == "size") result = std::to_string(messages.size());
    if (operation.call == "put") {
      result = messages.size() < kInbox ? "put" : "full";
      if (result == "put") messages.push_back(operation.args.at(0));
    }
    if (operation.call == "take") {
      result = messages.empty() ? "empty" : messages.front();
      if (!messages.empty()) messages.pop_front();
    }
    return !operation.completed || operation.result == result;
  }

  std::string fingerprint() const {
    std::string text;
    for (const std::string& message : messages) text += message + ' ';
    return text;
  }

  std::deque<std::string> messages;
};

KIT_CHECK(Inbox, LooksAtomicFromManyThreads,
          .why = "All workers put into it, and its own client's takes out.",
          .hint = "To look whether there is room, and to use it, is one step under one lock.",
          .function = "registration::Inbox::put") {
  int first = 0;
  const auto make = [&](std::mt19937_64& random) {
    first = random() % 2 == 0 ? 63 : 1;
    Scenario scenario{{std::to_string(first)}, {}};
    const int threads = is_explored() ? 2 : 2 + random() % 3;
    for (int i = 0; i < threads; ++i) {
      std::vector<Call> calls;
      for (int n = 0; n < (is_explored() ? 2 : 4); ++n) {
        const std::string text = std::to_string(i) + "." + std::to_string(n);
        calls.push_back(random() % 5 == 0 ? size() : random() % 2 == 0 ? take() : put(text));
      }
      scenario.threads.push_back(calls);
    }
    scenario.threads[0][0] = put("a");
    scenario.threads[1][0] = first == 1 ? take() : put("b");
    return scenario;
  };
  const auto judge = [&](const History& history) -> std::optional<Flaw> {
    const LinearizeResult result = check_linearizable(history, InboxModel(first));
    if (result.verdict != LinearizeResult::Verdict::kNotLinearizable) return std::nullopt;
    return Flaw(explain(history, result));
  };
  check_histories(kProbe, "some order of the calls, one after the other, gives these results", make,
                  judge, CheckOptions{.scenarios = 3, .schedules = 60});
}

KIT_CHECK(Service, DeliversMessages, .why = "This is what the keys are for.",
          .hint = "The receiver's inbox gets the sender's key and name with the text.",
          .function = "registration::Service::send") {
  const std::string longest(1024, 'a');
  require_results(kProbe, {"0", "ann", "bob"},
                  {{receive("bob"), "empty"},
                   {send("ann", "bob", "hello there"), "ok"},
                   {send("ann", "bob", "a"), "ok"},
                   {{"stats", {"bob"}}, "requests 3, clients 2, waiting 2"},
                   {receive("bob"), "ann: hello there"},
                   {send("bob", "bob", "note to myself"), "ok"},
                   {receive("bob"), "ann: a"},
                   {receive("bob"), "bob: note to myself"},
                   {receive("bob"), "empty"},
                   {receive("ann"), "empty"},
                   {send("bob", "ann", longest), "ok"},
                   {receive("ann"), "bob: a*1024"},
                   {send("bob", "ann", std::string("\xff\x01\t ", 4)), "ok"},
                   {receive("ann"), std::string("bob: \xff\x01\t ")},
                   {{"stats", {"ann"}}, "requests 7, clients 2, waiting 0"}});
}

KIT_CHECK(Service, RefusesWhatCannotBeSent,
          .why = "A request holds whatever its client has written there.",
          .hint =
              "First the length, or the text is read beyond its end; then what is in it; then who "
              "it is for; then whether there is room.",
          .function = "registration::Service::send") {
  require_results(kProbe, {"0", "ann", "bob", "gone"},
                  {{send("ann", "nobody", "a"), "no-such-client"},
                   {send("ann", "gone", "a"), "no-such-client"},
                   {send("ann", "bob", std::string(1025, 'a')), "too-long"},
                   {{"send_bytes", {"ann", "4294967295", "a"}}, "too-long"},
                   {{"send_bytes", {"ann", "2147483648", "a"}}, "too-long"},
                   {{"send_bytes", {"ann", "1025", "a"}}, "too-long"},
                   {{"send_bytes", {"ann", "1024", "a"}}, "ok"},
                   {send("ann", "bob", ""), "bad-request"},
                   {send("ann", "bob", "two\nlines"), "bad-request"},
                   {send("ann", "bob", std::string("a\0b", 3)), "bad-request"},
                   {{"ask", {"ann", "0"}}, "bad-request"},
                   {{"ask", {"ann", "1"}}, "bad-request"},
                   {{"ask", {"ann", "77"}}, "bad-request"},
                   {receive("bob"), "empty"},
                   {{"send_many", {"ann", "bob", "a", "64"}}, "ok"},
                   {send("ann", "bob", "b"), "mailbox-full"},
                   {receive("bob"), "ann: a"},
                   {send("ann", "bob", "b"), "ok"},
                   {{"stats", {"ann"}}, "requests 81, clients 2, waiting 1"}});
}

KIT_CHECK(
    Service, SendsBothWaysAtOnce,
    .why = "A sends to B while B sends to A: two workers, each of which needs the other's inbox.",
    .hint = "An inbox has a lock of its own, and nobody holds two of them.",
    .function = "registration::Service::send") {
  const auto make = [](std::mt19937_64& random) {
    Scenario scenario{{"0", "ann", "bob"}, {}};
    const int times = is_explored() ? 1 : 4;
    for (const bool is_ann : {true, false}) {
      const std::string me = is_ann ? "ann" : "bob";
      const std::string other = is_ann ? "bob" : "ann";
      std::vector<Call> calls;
      for (int i = 0; i < times; ++i) {
        calls.push_back(send(me, other, "from " + me));
        calls.push_back(receive(me));
        if (random() % 2 == 0) calls.push_back(send(me, me, "from " + me));
      }
      scenario.threads.push_back(calls);
    }
    return scenario;
  };
  const auto judge = [](const History& history) -> std::optional<Flaw> {
    for (const Operation& operation : history) {
      const bool is_sent = operation.call == "send" && operation.result == "ok";
      const bool is_message =
          operation.result == "ann: from ann" || operation.result == "bob: from bob";
      const bool is_received =
          operation.call == "receive" && (is_message || operation.result == "empty");
      if (!is_sent && !is_received) return Flaw(render(operation));
    }
    return std::nullopt;
  };
  check_histories(kProbe, "everybody gets an answer, and whole messages", make, judge,
                  CheckOptions{.scenarios = 2, .schedules = 80});
}

}  // namespace
}  // namespace kit::registration_lab
