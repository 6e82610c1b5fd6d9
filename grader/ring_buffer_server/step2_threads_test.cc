// Step 2 in many threads: a parser belongs to one connection's thread, and each thread has another.
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/rounds.h"

namespace kit::ring_lab {
namespace {

// Calls of which each has one right answer, whatever other threads do.
using Answers = std::map<std::pair<std::string, Words>, std::string>;

// The calls of one name; the names in turn.
std::vector<Call> next_kind(const Answers& answers, std::size_t& number) {
  std::vector<std::vector<Call>> kinds;
  for (const auto& [call, answer] : answers) {
    if (kinds.empty() || kinds.back().back().name != call.first) kinds.emplace_back();
    kinds.back().push_back({call.first, call.second});
  }
  return kinds[number++ % kinds.size()];
}

// Two threads, each with two of these calls.
Scenario scenario_of(const std::vector<Call>& calls, std::mt19937_64& random) {
  Scenario scenario{{"4096"}, {{}, {}}};
  std::size_t next = random() % calls.size();
  for (int i = 0; i < 2; ++i) {
    for (std::vector<Call>& thread : scenario.threads)
      thread.push_back(calls[next++ % calls.size()]);
  }
  return scenario;
}

// A call that shrinking has changed is in no table; it is not judged.
std::optional<std::string> find_wrong(const Answers& answers, const History& history) {
  for (const Operation& operation : history) {
    const auto answer = answers.find({operation.call, operation.args});
    if (answer == answers.end() || operation.result == answer->second) continue;
    return render(Call{operation.call, operation.args}) + " gave " + printable(operation.result) +
           " and not " + printable(answer->second);
  }
  return std::nullopt;
}

void check_answers(const Answers& answers) {
  std::size_t number = 0;
  check_histories(
      "protocol_probe", "each thread gets what it would get if it were alone",
      [&](std::mt19937_64& random) { return scenario_of(next_kind(answers, number), random); },
      [&](const History& history) { return find_wrong(answers, history); });
}

KIT_CHECK(Parser, SharesNothing,
          .why = "Each connection has a parser and a thread of its own; all of them run at once.",
          .hint =
              "What a parser keeps belongs to its members. A static variable is one for all "
              "parsers.",
          .function = "ring::Parser::next") {
  check_answers({
      {{"feed_own", {"SET first\n", "4"}}, "SET(first)"},
      {{"feed_own", {"SET other text\n", "100"}}, "SET(other text)"},
      {{"feed_own", {"SETB 5\nseven", "3"}}, "SET(seven)"},
      {{"feed_own", {"GET 2\nGET 31\n", "4"}}, "GET 2; GET 31"},
      {{"feed_own", {"GET 45\n", "100"}}, "GET 45"},
      {{"feed_own", {"GET none\nSET a\n", "5"}}, "ERR bad-argument; SET(a)"},
      {{"feed_own", {"NOTHING\nQUIT\n", "8"}}, "ERR unknown-command; QUIT"},
  });
}

KIT_CHECK(
    Replies, ShareNothing,
    .why = "Replies are made for many clients at once; nobody may get another's.",
    .hint = "Make the reply in a std::string of the call's own; a static buffer is one for all.",
    .function = "ring::format_ok") {
  check_answers({
      {{"ok", {"7"}}, "OK 7\n"},
      {{"ok", {"123456"}}, "OK 123456\n"},
      {{"error", {"gone"}}, "ERR gone\n"},
      {{"error", {"not-author"}}, "ERR not-author\n"},
      {{"header", {"3", "ann", "hello"}}, "MSG 3 ann 5\n"},
      {{"header", {"88", "somebody", "hi"}}, "MSG 88 somebody 2\n"},
      {{"newest", {"4", "bob", "hi"}}, "MSG 4 bob 2\nhi\n"},
      {{"newest", {"91", "somebody", "hello"}}, "MSG 91 somebody 5\nhello\n"},
      {{"list", {"9", "ann", "hello"}}, "LIST 1\nMSG 9 ann 5\nhello\n"},
      {{"list", {"4", "bob", "hi", "5", "cid", ""}}, "LIST 2\nMSG 4 bob 2\nhi\nMSG 5 cid 0\n\n"},
  });
}

}  // namespace
}  // namespace kit::ring_lab
