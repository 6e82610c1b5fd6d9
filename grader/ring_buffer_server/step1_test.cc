// Step 1: the ring buffer, as a class.
#include <algorithm>
#include <optional>
#include <string>

#include "grader/harness/check.h"
#include "grader/harness/linearize.h"
#include "grader/harness/probe_run.h"
#include "grader/harness/rounds.h"
#include "grader/harness/watch.h"
#include "grader/ring_buffer_server/ring_model.h"

namespace kit::ring_lab {
namespace {

constexpr char kProbe[] = "ring_buffer_probe";

Call push(const std::string& author, const std::string& body) { return {"push", {author, body}}; }
Call latest(int count) { return {"latest", {std::to_string(count)}}; }

KIT_CHECK(RingBuffer, NumbersFromOne,
          .why = "A client tells messages apart, and asks for news, by these numbers.",
          .hint =
              "The number belongs to the message, not to its slot: it goes on growing when slots "
              "are used again.",
          .function = "ring::RingBuffer::push") {
  require_results(
      kProbe, {"4"},
      {{push("ann", "one"), "1"}, {push("bob", "two"), "2"}, {push("ann", "three"), "3"}});
}

KIT_CHECK(
    RingBuffer, GivesTheNewestOldestFirst,
    .why = "GET shows the end of a conversation, in the order in which it was said.",
    .hint = "Which end of the ring do you begin to count at, and in which order do you collect?",
    .function = "ring::RingBuffer::latest") {
  require_results(kProbe, {"8"},
                  {{push("ann", "one"), "1"},
                   {push("bob", "two"), "2"},
                   {push("ann", "three"), "3"},
                   {latest(1), "3 ann three"},
                   {latest(2), "2 bob two | 3 ann three"},
                   {latest(100), "1 ann one | 2 bob two | 3 ann three"}});
}

KIT_CHECK(RingBuffer, IsEmptyAtFirst, .why = "The first client of a new server asks, too.",
          .hint = "Count what was stored; do not hand out slots that nobody has filled.",
          .function = "ring::RingBuffer::latest") {
  require_results(kProbe, {"3"},
                  {{latest(1), "(none)"},
                   {latest(3), "(none)"},
                   {push("ann", "one"), "1"},
                   {latest(0), "(none)"},
                   {latest(2), "1 ann one"}});
}

KIT_CHECK(RingBuffer, OverwritesTheOldest,
          .why = "The server runs for months; it may keep only so much.",
          .hint = "Message n goes where message n - capacity was.",
          .function = "ring::RingBuffer::push") {
  require_results(kProbe, {"3"},
                  {{push("ann", "one"), "1"},
                   {push("ann", "two"), "2"},
                   {push("ann", "three"), "3"},
                   {latest(3), "1 ann one | 2 ann two | 3 ann three"},
                   {push("ann", "four"), "4"},
                   {latest(3), "2 ann two | 3 ann three | 4 ann four"},
                   {push("ann", "five"), "5"},
                   {push("ann", "six"), "6"},
                   {push("ann", "seven"), "7"},
                   {latest(9), "5 ann five | 6 ann six | 7 ann seven"},
                   {latest(2), "6 ann six | 7 ann seven"}});
}

KIT_CHECK(RingBuffer, HoldsOneAtCapacityOne,
          .why = "The smallest ring shows whether the bounds are right.",
          .hint = "A ring of n slots holds n messages, not n - 1.",
          .function = "ring::RingBuffer::latest") {
  require_results(kProbe, {"1"},
                  {{push("ann", "one"), "1"},
                   {latest(5), "1 ann one"},
                   {push("bob", "two"), "2"},
                   {latest(5), "2 bob two"}});
}

KIT_CHECK(RingBuffer, RefusesCapacityZero,
          .why =
              "A ring without a slot cannot keep its promise; better to say so at once than to "
              "divide by zero later.",
          .hint = "Throw std::invalid_argument from the constructor.",
          .function = "ring::RingBuffer::RingBuffer") {
  const History history = run_once(kProbe, sequence({"1"}, {{"construct", {"0"}}}));
  require(history[0].result.rfind("threw std::invalid_argument", 0) == 0,
          "RingBuffer(0) throws std::invalid_argument", "RingBuffer(0) " + history[0].result);
}

KIT_CHECK(RingBuffer, KeepsEveryByte, .why = "SETB stores any bytes: a picture, a NUL, a newline.",
          .hint = "A std::string keeps its length; a C string ends at the first NUL.",
          .function = "ring::RingBuffer::push") {
  const std::string odd("\0a\nb\r\xff\0", 7);
  const std::string large(100'000, 'x');
  require_results(kProbe, {"2"},
                  {{push("ann", odd), "1"},
                   {latest(1), "1 ann " + odd},
                   {push("ann", ""), "2"},
                   {latest(1), "2 ann "},
                   {push("ann", large), "3"},
                   {latest(1), "3 ann " + large}});
}

KIT_CHECK(RingBuffer, HandsOutMessagesThatStay,
          .why = "A slow connection still sends a message when others have long overwritten it.",
          .hint = "What latest() returns must own the message, or share in owning it.",
          .function = "ring::RingBuffer::latest") {
  require_results(
      kProbe, {"1"},
      {{push("ann", "a text that is too long for the string's own little buffer"), "1"},
       {{"hold", {"1"}}, "1 ann a text that is too long for the string's own little buffer"},
       {push("bob", "another text that is too long for that little buffer"), "2"},
       {{"held", {}}, "1 ann a text that is too long for the string's own little buffer"}});
}

Call random_call(std::mt19937_64& random, int thread) {
  if (random() % 3 == 0) return latest(1 + random() % 5);
  static constexpr const char* kAuthors[] = {"ann", "bob", "cid"};
  return push(kAuthors[thread % 3], std::string(1, 'a' + random() % 26));
}

Scenario random_scenario(std::mt19937_64& random, int threads, int calls) {
  Scenario scenario;
  scenario.setup = {std::to_string(1 + random() % 4)};
  for (int thread = 0; thread < threads; ++thread) {
    scenario.threads.emplace_back();
    for (int i = 0; i < calls; ++i) scenario.threads.back().push_back(random_call(random, thread));
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

KIT_CHECK(RingBuffer, BehavesLikeTheModel,
          .why = "Examples cannot show everything; random calls come closer.",
          .hint = "Carry the calls out on paper, slot by slot.",
          .function = "ring::RingBuffer::latest") {
  check_against_model("every call returns what a simple list of all messages would give",
                      [](std::mt19937_64& random) { return random_scenario(random, 1, 40); });
}

KIT_CHECK(RingBuffer, LooksAtomicFromManyThreads,
          .why =
              "Each connection has a thread of its own, and all of them use this ring: no number "
              "may be given twice or left out, and nobody may see half of a change.",
          .hint =
              "Taking the number and filling the slot is one step: do both under one lock, and "
              "read under the same one.",
          .function = "ring::RingBuffer::push") {
  check_against_model(
      "some order of the calls, one after the other, gives these results",
      [](std::mt19937_64& random) { return random_scenario(random, 2 + random() % 3, 5); });
}

// Author and body of a message are made of one letter, so that a mixture can be seen.
bool is_whole(const std::string& message) {
  const std::size_t author = message.find(' ');
  if (author == std::string::npos) return false;
  const std::string letters = message.substr(author + 1);
  const char letter = letters.empty() ? ' ' : letters[0];
  const auto same = [letter](char c) { return c == letter || c == ' '; };
  return letters.size() == 4 + 1 + 3000 && std::all_of(letters.begin(), letters.end(), same);
}

std::optional<std::string> find_torn(const History& history) {
  for (const Operation& operation : history) {
    if (operation.call != "latest" || operation.result == "(none)") continue;
    std::size_t begin = 0;
    while (begin < operation.result.size()) {
      const std::size_t end =
          std::min(operation.result.find(" | ", begin), operation.result.size());
      const std::string message = operation.result.substr(begin, end - begin);
      if (!is_whole(message))
        return "latest() gave a message that nobody stored:\n" + printable(message, 200);
      begin = end + 3;
    }
  }
  return std::nullopt;
}

KIT_CHECK(RingBuffer, NeverTearsAMessage,
          .why =
              "A reader that looks while a writer writes must see the old message or the new one, "
              "not a mixture.",
          .hint =
              "Is every access to the slots under the lock, that of the readers too? Does a "
              "message change after it is stored?",
          .function = "ring::RingBuffer::latest") {
  const auto make = [](std::mt19937_64&) {
    Scenario scenario;
    scenario.setup = {"2"};
    for (const char letter : {'a', 'b', 'c'}) {
      scenario.threads.emplace_back(6, push(std::string(4, letter), std::string(3000, letter)));
    }
    scenario.threads.emplace_back(10, latest(2));
    return scenario;
  };
  check_histories(kProbe, "every message comes out as it was put in", make, find_torn);
}

KIT_CHECK(RingBuffer, AllocatesOutsideTheLock,
          .why = "An allocation may take long, and everybody waits for the lock meanwhile.",
          .hint =
              "Make the message before you take the lock, reserve the vector before, and let what "
              "was overwritten be freed after: swap it into a variable that outlives the lock.",
          .function = "ring::RingBuffer::push") {
  const std::string long_text(200, 'x');
  const Scenario scenario =
      sequence({"2"}, {push("ann", long_text), push("ann", long_text), push("ann", long_text),
                       latest(2), push("bob", long_text), latest(9)});
  for (const WatchEvent& event : run_watched(kProbe, scenario)) {
    const bool is_allocation = event.name == "alloc-under-lock";
    if (!is_allocation && event.name != "free-under-lock") continue;
    point_at(event.place);
    fail("no memory is allocated or freed while a lock is held",
         std::string("memory was ") + (is_allocation ? "allocated" : "freed") +
             " while a lock was held");
  }
}

}  // namespace
}  // namespace kit::ring_lab
