// Step 6: UPDATE and DELETE, in the ring and over the server.
#include <optional>
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/linearize.h"
#include "grader/harness/probe_run.h"
#include "grader/harness/rounds.h"
#include "grader/ring_buffer_server/ring_model.h"
#include "grader/ring_buffer_server/ring_peer.h"

namespace kit::ring_lab {
namespace {

constexpr char kProbe[] = "ring_buffer_probe";

// --- The ring itself.

Call push(const std::string& author, const std::string& body) { return {"push", {author, body}}; }
Call latest(int count) { return {"latest", {std::to_string(count)}}; }
Call update(int sequence, const std::string& author, const std::string& body) {
  return {"update", {std::to_string(sequence), author, body}};
}
Call remove(int sequence, const std::string& author) {
  return {"remove", {std::to_string(sequence), author}};
}

KIT_CHECK(
    Edits, ReplaceTheBody,
    .why =
        "An update corrects a message; its place, its number and its author stay what they were.",
    .hint = "Message n stands in the slot that push() chose for n: put the new one there.",
    .function = "ring::RingBuffer::update") {
  require_results(kProbe, {"4"},
                  {{push("ann", "one"), "1"},
                   {push("bob", "two"), "2"},
                   {push("ann", "three"), "3"},
                   {update(1, "ann", "uno"), "done"},
                   {latest(3), "1 ann uno | 2 bob two | 3 ann three"},
                   {update(1, "ann", ""), "done"},
                   {latest(3), "1 ann  | 2 bob two | 3 ann three"},
                   {push("bob", "four"), "4"}});
}

KIT_CHECK(Edits, RemoveAMessage,
          .why = "What was deleted is nowhere shown again; the others do not move.",
          .hint =
              "latest(k) passes over removed messages and goes on to older ones until it has k. A "
              "number is never given twice.",
          .function = "ring::RingBuffer::latest") {
  require_results(kProbe, {"4"},
                  {{push("ann", "one"), "1"},
                   {push("bob", "two"), "2"},
                   {push("ann", "three"), "3"},
                   {remove(2, "bob"), "done"},
                   {latest(2), "1 ann one | 3 ann three"},
                   {remove(3, "ann"), "done"},
                   {latest(1), "1 ann one"},
                   {latest(4), "1 ann one"},
                   {push("bob", "four"), "4"},
                   {latest(2), "1 ann one | 4 bob four"},
                   {remove(1, "ann"), "done"},
                   {remove(4, "bob"), "done"},
                   {latest(4), "(none)"}});
}

KIT_CHECK(
    Edits, TellWhatIsGone,
    .why = "`gone` and `no-such-message` are different news: the one was there, the other never.",
    .hint =
        "Compare the number with the last one that was given and with the oldest that is still in "
        "the ring, before you look into the slot: number modulo capacity alone finds somebody "
        "else's message there.",
    .function = "ring::RingBuffer::update") {
  require_results(kProbe, {"2"},
                  {{update(1, "ann", "x"), "no-such-message"},
                   {push("ann", "one"), "1"},
                   {update(0, "ann", "x"), "no-such-message"},
                   {update(2, "ann", "x"), "no-such-message"},
                   {remove(3, "ann"), "no-such-message"},
                   {push("ann", "two"), "2"},
                   {push("ann", "three"), "3"},
                   {update(1, "ann", "x"), "gone"},
                   {remove(1, "ann"), "gone"},
                   {remove(2, "ann"), "done"},
                   {remove(2, "ann"), "gone"},
                   {update(2, "ann", "x"), "gone"},
                   {latest(2), "3 ann three"}});
}

KIT_CHECK(Edits, AreTheAuthorsOnly,
          .why = "Nobody may put words into another's mouth, or take them away.",
          .hint = "Compare the author before anything is changed.",
          .function = "ring::RingBuffer::update") {
  require_results(kProbe, {"4"},
                  {{push("ann", "one"), "1"},
                   {update(1, "bob", "x"), "not-author"},
                   {remove(1, "bob"), "not-author"},
                   {update(1, "an", "x"), "not-author"},
                   {latest(1), "1 ann one"},
                   {update(1, "ann", "uno"), "done"},
                   {latest(1), "1 ann uno"}});
}

KIT_CHECK(Edits, LeaveHeldMessagesAlone,
          .why =
              "A slow connection may be sending the old message at this moment. If its bytes "
              "change under its hands, it sends half of each.",
          .hint =
              "Do not write into the message: make a new one and put its pointer in the old one's "
              "place. Who holds the old one keeps it.",
          .function = "ring::RingBuffer::update") {
  const std::string old_text = "the old text, which is longer than the string's own little buffer";
  require_results(kProbe, {"2"},
                  {{push("ann", old_text), "1"},
                   {{"hold", {"1"}}, "1 ann " + old_text},
                   {update(1, "ann", "the new text, which is not the same"), "done"},
                   {{"held", {}}, "1 ann " + old_text},
                   {latest(1), "1 ann the new text, which is not the same"},
                   {remove(1, "ann"), "done"},
                   {{"held", {}}, "1 ann " + old_text}});
}

Call random_call(std::mt19937_64& random, int thread, int most) {
  static constexpr const char* kAuthors[] = {"ann", "bob", "cid"};
  const std::string author = kAuthors[random() % 4 == 0 ? random() % 3 : thread % 3];
  const std::string body(1, static_cast<char>('a' + random() % 26));
  const int sequence = static_cast<int>(random() % most) + 1;
  switch (random() % 6) {
    case 0:
    case 1:
      return push(author, body);
    case 2:
    case 3:
      return update(sequence, author, body);
    case 4:
      return remove(sequence, author);
    default:
      return latest(static_cast<int>(1 + random() % 4));
  }
}

Scenario random_scenario(std::mt19937_64& random, int threads, int calls) {
  Scenario scenario;
  scenario.setup = {std::to_string(1 + random() % 4)};
  const int most = threads > 1 ? 4 : calls / 2;
  for (int thread = 0; thread < threads; ++thread) {
    // Something to edit from the beginning.
    scenario.threads.push_back({push(thread % 2 == 0 ? "ann" : "bob", "0")});
    for (int i = 1; i < calls; ++i)
      scenario.threads.back().push_back(random_call(random, thread, most));
  }
  return scenario;
}

// The capacity is not in a history: the judge gets it from the scenario that is being run.
template <typename MakeScenario>
void check_against_model(const std::string& expected, MakeScenario make) {
  std::uint64_t capacity = 0;
  const auto make_and_note = [&](std::mt19937_64& random) {
    Scenario scenario = make(random);
    capacity = std::stoull(scenario.setup[0]);
    return scenario;
  };
  const auto judge = [&](const History& history) -> std::optional<std::string> {
    const LinearizeResult result = check_linearizable(history, RingModel(capacity));
    if (result.verdict != LinearizeResult::Verdict::kNotLinearizable) return std::nullopt;
    return explain(history, result);
  };
  check_histories(kProbe, expected, make_and_note, judge);
}

KIT_CHECK(Edits, BehaveLikeTheModel,
          .why = "Updates, removals and new messages in any order: examples cannot show them all.",
          .hint =
              "Carry the calls out on paper, slot by slot. A removed message keeps its place until "
              "a new one takes it.",
          .function = "ring::RingBuffer::update") {
  check_against_model("every call returns what a simple list of all messages would give",
                      [](std::mt19937_64& random) { return random_scenario(random, 1, 40); });
}

KIT_CHECK(Edits, LookAtomicFromManyThreads,
          .why =
              "Between looking whether a message is still there and changing it, another thread "
              "may have stored one over it.",
          .hint = "Check and change under one lock, the same one that push() and latest() take.",
          .function = "ring::RingBuffer::update") {
  // Every second scenario is one in which the edited message is just being overwritten and read.
  const Scenario overwritten{{"1"},
                             {{push("ann", "old"), update(1, "ann", "new")},
                              {push("bob", "next"), latest(1)},
                              {latest(1)}}};
  int number = 0;
  check_against_model("some order of the calls, one after the other, gives these results",
                      [&](std::mt19937_64& random) {
                        if (number++ % 2 == 0) return overwritten;
                        return random_scenario(random, 2 + random() % 2, 5);
                      });
}

// --- UPDATE and DELETE over the server.

KIT_CHECK(Server, AnswersUpdateAndDelete,
          .why = "All that the ring can tell must reach the client, each in its own words.",
          .hint =
              "OK and the number when it is done; ERR gone, ERR no-such-message, ERR not-author "
              "otherwise.",
          .function = "ring::Session::run") {
  const Server server = start_server("ring_server", {"--port", "0", "--capacity", "2"});
  RingPeer ann(connect_to(server));
  ann.enter("ann");
  RingPeer bob(connect_to(server));
  bob.enter("bob");
  ann.require_answer("SET one", "OK 1");
  bob.require_answer("SET two", "OK 2");
  ann.require_answer("UPDATE 1 uno, due  tre ", "OK 1");
  require_equal("what bob is shown by GET 2", bob.list(2), "1 ann uno, due  tre  | 2 bob two");
  bob.require_answer("UPDATE 1 mine", "ERR not-author");
  bob.require_answer("DELETE 1", "ERR not-author");
  bob.require_answer("UPDATE 3 more", "ERR no-such-message");
  bob.require_answer("DELETE 3", "ERR no-such-message");
  bob.require_answer("DELETE 2", "OK 2");
  bob.require_answer("DELETE 2", "ERR gone");
  bob.require_answer("UPDATE 2 again", "ERR gone");
  require_equal("what ann is shown by GET", ann.get(), "1 ann uno, due  tre ");
  bob.require_answer("SET three", "OK 3");
  ann.require_answer("UPDATE 1 late", "ERR gone");
  ann.require_answer("DELETE 1", "ERR gone");
  require_equal("what ann is shown by GET 2", ann.list(2), "3 bob three");
}

KIT_CHECK(Server, ShowsNothingWhenAllIsDeleted,
          .why = "A ring in which all is deleted is as empty as a new one.",
          .hint = "EMPTY and LIST 0 depend on what latest() gives, not on how many were stored.",
          .function = "ring::Session::run") {
  const Server server = start_server("ring_server", {"--port", "0"});
  RingPeer ann(connect_to(server));
  ann.enter("ann");
  ann.require_answer("SET one", "OK 1");
  ann.require_answer("SET two", "OK 2");
  ann.require_answer("DELETE 2", "OK 2");
  require_equal("the answer to GET", ann.get(), "1 ann one");
  ann.require_answer("DELETE 1", "OK 1");
  ann.require_answer("GET", "EMPTY");
  ann.require_answer("GET 2", "LIST 0");
}

KIT_CHECK(Server, KnowsAuthorsByTheirNames,
          .why =
              "The author is the name, not the connection: who comes back may still correct what "
              "was said before.",
          .hint =
              "Give the session's name to update() and remove(); there is no need to remember "
              "connections.",
          .function = "ring::Session::run") {
  const Server server = start_server("ring_server", {"--port", "0"});
  RingPeer before(connect_to(server));
  before.enter("ann");
  before.require_answer("SET one", "OK 1");
  before.quit();
  RingPeer after(connect_to(server));
  after.enter("ann");
  after.require_answer("UPDATE 1 uno", "OK 1");
  require_equal("the answer to GET", after.get(), "1 ann uno");
}

}  // namespace
}  // namespace kit::ring_lab
