// Step 2: the parser, fed by hand, and the replies.
#include <string>

#include "grader/harness/check.h"
#include "grader/harness/probe_run.h"
#include "grader/harness/rounds.h"

namespace kit::ring_lab {
namespace {

constexpr char kProbe[] = "protocol_probe";
constexpr char kMaximum[] = "100";  // max_message in most checks

Call feed(const std::string& bytes) { return {"feed", {bytes}}; }
std::string text_of(std::size_t length) { return std::string(length, 'x'); }

KIT_CHECK(Parser, ReadsEachCommand, .why = "Everything else stands on this.",
          .hint =
              "Find the end of the line, take the first word, then what stands after the one space "
              "behind it.",
          .function = "ring::Parser::next") {
  require_results(kProbe, {kMaximum},
                  {{feed("SET hello\n"), "SET(hello)"},
                   {feed("GET\n"), "GET"},
                   {feed("GET 3\n"), "GET 3"},
                   {feed("UPDATE 7 new text\n"), "UPDATE 7(new text)"},
                   {feed("DELETE 12\n"), "DELETE 12"},
                   {feed("QUIT\n"), "QUIT"},
                   {feed("HOWDY partner\n"), "ERR unknown-command"},
                   {feed(std::string(90, 'Y') + "\n"), "ERR unknown-command"},
                   {feed("get\n"), "ERR unknown-command"},
                   {feed("\n"), "ERR unknown-command"}});
}

KIT_CHECK(Parser, DropsACarriageReturn, .why = "telnet ends its lines with \\r\\n.",
          .hint = "One \\r directly before the \\n goes; any other \\r is text.",
          .function = "ring::Parser::next") {
  require_results(kProbe, {kMaximum},
                  {{feed("SET hello\r\n"), "SET(hello)"},
                   {feed("GET 2\r\n"), "GET 2"},
                   {feed("SET a\rb\r\r\n"), "SET(a\rb\r)"},
                   {feed("SETB 2\r\n"), "(nothing yet)"},
                   {feed("\r\n"), "SET(\r\n)"}});
}

KIT_CHECK(Parser, KeepsTextToTheByte,
          .why = "A message comes out as it was put in: an indented line, an empty one.",
          .hint =
              "Only the one space behind the word belongs to the command. Do not split the text at "
              "spaces, or trim it.",
          .function = "ring::Parser::next") {
  require_results(
      kProbe, {kMaximum},
      {{feed("SET \n"), "SET()"},
       {feed("SET   two spaces more  \n"), "SET(  two spaces more  )"},
       {feed("SET a\tb" + std::string(1, '\0') + "c\n"), "SET(a\tb" + std::string(1, '\0') + "c)"},
       {feed("UPDATE 1  x \n"), "UPDATE 1( x )"},
       {feed("UPDATE 1 \n"), "UPDATE 1()"}});
}

KIT_CHECK(Parser, TakesBinaryBodies,
          .why = "A body is counted, so it may hold anything, also what looks like a command.",
          .hint =
              "After `SETB <length>` the next <length> bytes are the body, whatever they are; then "
              "the next line begins.",
          .function = "ring::Parser::next") {
  const std::string odd("\nGET\n\0\r\n", 8);
  require_results(kProbe, {kMaximum},
                  {{feed("SETB 3\nabc"), "SET(abc)"},
                   {feed("SETB 8\n" + odd), "SET(" + odd + ")"},
                   {feed("SETB 5\nab"), "(nothing yet)"},
                   {feed("cde"), "SET(abcde)"},
                   {feed("SETB 1\n\nGET\n"), "SET(\n); GET"}});
}

// What the parser gives for all of it at once must not depend on how it is cut up.
KIT_CHECK(
    Parser, TakesAnySplit,
    .why =
        "TCP cuts the stream where it likes: a recv() may end in the middle of a word, a number or "
        "a body.",
    .hint = "Keep what has come until a whole command is there, and nothing but that decides.",
    .function = "ring::Parser::feed") {
  const std::string stream = "SET one\r\nSETB 7\na\nb\r\ncdGET\nGET 25\nSET " + text_of(150) +
                             "\nUPDATE 3 x y\nSETB 0\nSETB 120\n" + text_of(120) +
                             "DELETE 4\nQUIT\n";
  const std::string expected =
      "SET(one); SET(a\nb\r\ncd); GET; GET 25; ERR too-long; UPDATE 3(x y); ERR bad-argument; "
      "ERR too-long; DELETE 4; QUIT";
  for (const char* piece : {"1", "2", "3", "5", "7", "11", "64", "10000"}) {
    forget_did();
    require_results(kProbe, {kMaximum}, {{{"feed_each", {stream, piece}}, expected}});
  }
}

KIT_CHECK(Parser, ReadsPipelinedCommands,
          .why =
              "A client need not wait for an answer before it asks again: one recv() may bring "
              "many commands.",
          .hint =
              "next() is called until it has nothing more; what stands behind a command stays for "
              "the next call.",
          .function = "ring::Parser::next") {
  std::string stream;
  std::string expected;
  for (int i = 1; i <= 50; ++i) {
    stream += "GET " + std::to_string(i) + "\nSETB 2\nab";
    expected += std::string(i == 1 ? "" : "; ") + "GET " + std::to_string(i) + "; SET(ab)";
  }
  require_results(kProbe, {kMaximum},
                  {{feed(stream), expected}, {feed("GET\nGE"), "GET"}, {feed("T\n"), "GET"}});
}

KIT_CHECK(Parser, RefusesBadNumbers,
          .why =
              "A length or number that is none must be answered, not guessed; atoi() takes `7up` "
              "for 7 and `-1` for a huge length.",
          .hint = "Digits only, all of the word, at least 1. After a bad SETB no body is expected.",
          .function = "ring::Parser::next") {
  std::vector<Expected> expected;
  for (const char* line :
       {"GET 0", "GET -1", "GET x", "GET 7up", "SETB", "SETB 0", "SETB -5", "SETB five", "SETB 5x",
        "UPDATE x y", "UPDATE 0 y", "DELETE", "DELETE 0", "DELETE -1"}) {
    expected.push_back({feed(std::string(line) + "\n"), "ERR bad-argument"});
  }
  expected.push_back({feed("GET\n"), "GET"});
  require_results(kProbe, {kMaximum}, expected);
}

KIT_CHECK(Parser, AcceptsExactlyTheMaximum,
          .why = "A limit that is off by one loses somebody's message.",
          .hint = "max_message counts the text or the body alone, not the word in front of it.",
          .function = "ring::Parser::next") {
  require_results(
      kProbe, {kMaximum},
      {{feed("SET " + text_of(100) + "\n"), "SET(" + text_of(100) + ")"},
       {feed("SET " + text_of(101) + "\n"), "ERR too-long"},
       {feed("SETB 100\n" + text_of(100)), "SET(" + text_of(100) + ")"},
       {feed("SETB 101\n" + text_of(101)), "ERR too-long"},
       {feed("UPDATE 123 " + text_of(100) + "\r\n"), "UPDATE 123(" + text_of(100) + ")"},
       {feed("UPDATE 123 " + text_of(101) + "\n"), "ERR too-long"},
       {feed("GET\n"), "GET"}});
}

KIT_CHECK(
    Parser, SkipsWhatIsTooLong,
    .why = "One message that is too long must not cost the connection, nor be taken for commands.",
    .hint =
        "Count down what is still to be skipped, over as many feeds as it takes, and go on behind "
        "it.",
    .function = "ring::Parser::next") {
  const std::string looks_like_commands = "GET\nQUIT\nGET\n";
  std::string body;
  while (body.size() < 200) body += looks_like_commands;
  require_results(kProbe, {kMaximum},
                  {{feed("SETB " + std::to_string(body.size()) + "\n" + body + "GET 1\n"),
                    "ERR too-long; GET 1"},
                   {feed("SETB 200\n" + text_of(50)), "ERR too-long"},
                   {feed(text_of(149)), "(nothing yet)"},
                   {feed("xGET 2\n"), "GET 2"},
                   {feed("SET " + text_of(5000)), "ERR too-long"},
                   {feed(text_of(5000)), "(nothing yet)"},
                   {feed("\nGET 3\n"), "GET 3"},
                   {feed(text_of(5000) + "\nGET 4\n"), "ERR too-long; GET 4"}});
}

KIT_CHECK(
    Parser, GivesUpBeyondSixteenMebibytes,
    .why = "Somebody who announces a terabyte would keep a thread busy for days.",
    .hint =
        "Up to kMaxSkip bytes are skipped; beyond that broken() is true, and nothing more comes.",
    .function = "ring::Parser::broken") {
  const std::string mebibyte(1 << 20, 'x');
  require_results(kProbe, {kMaximum},
                  {{feed("SETB 16777217\n"), "ERR too-long; broken"},
                   {feed("GET\n"), "(nothing yet); broken"}});
  forget_did();
  require_results(kProbe, {kMaximum},
                  {{feed("SETB 99999999999999999999999\n"), "ERR too-long; broken"}});
  forget_did();
  require_results(kProbe, {kMaximum},
                  {{feed("SETB 16777216\n"), "ERR too-long"},
                   {{"feed_often", {mebibyte, "16"}}, ", memory: little"},
                   {feed("GET\n"), "GET"}});
}

KIT_CHECK(Parser, KeepsNothingOfWhatItSkips,
          .why = "Otherwise a thousand clients with long lines fill the machine's memory.",
          .hint = "What is skipped is dropped as it comes: only how much is left need be known.",
          .function = "ring::Parser::feed") {
  const std::string piece(64 << 10, 'x');
  require_results(kProbe, {kMaximum},
                  {{feed("SETB 8388608\n"), "ERR too-long"},
                   {{"feed_often", {piece, "120"}}, ", memory: little"}});
  forget_did();
  require_results(kProbe, {kMaximum},
                  {{feed("SET "), "(nothing yet)"},
                   {{"feed_often", {piece, "120"}}, "ERR too-long, memory: little"}});
}

KIT_CHECK(Parser, ReadsTheHandshakeLine,
          .why = "The first line is the handshake's, and commands may stand right behind it.",
          .hint = "next_line() takes one line from the same buffer that next() goes on with.",
          .function = "ring::Parser::next_line") {
  require_results(kProbe, {kMaximum},
                  {{{"line", {"HEL"}}, "(no line)"},
                   {{"line", {"LO ann\r\nGET 2\nGE"}}, "line(HELLO ann)"},
                   {feed("T\n"), "GET 2; GET"}});
  forget_did();
  require_results(kProbe, {kMaximum}, {{{"line", {text_of(5000)}}, "(line too long)"}});
}

KIT_CHECK(
    Replies, HaveTheirForm,
    .why = "A client reads these byte by byte: one newline too few, and it waits for ever.",
    .hint = "The length is that of the body alone; the newline after the body is not counted.",
    .function = "ring::format_list") {
  set_function("ring::format_ok");
  require_results(kProbe, {kMaximum}, {{{"ok", {"17"}}, "OK 17\n"}});
  set_function("ring::format_error");
  require_results(kProbe, {kMaximum}, {{{"error", {"too-long"}}, "ERR too-long\n"}});
  set_function("ring::format_message_header");
  require_results(kProbe, {kMaximum}, {{{"header", {"5", "ann", "hello"}}, "MSG 5 ann 5\n"}});
  set_function("ring::format_newest");
  const std::string odd("a\n\0b", 4);
  require_results(kProbe, {kMaximum},
                  {{{"newest", {}}, "EMPTY\n"},
                   {{"newest", {"5", "ann", "hello"}}, "MSG 5 ann 5\nhello\n"},
                   {{"newest", {"6", "bob", odd}}, "MSG 6 bob 4\n" + odd + "\n"}});
  set_function("ring::format_list");
  require_results(kProbe, {kMaximum},
                  {{{"list", {}}, "LIST 0\n"},
                   {{"list", {"5", "ann", "hello", "6", "bob", ""}},
                    "LIST 2\nMSG 5 ann 5\nhello\nMSG 6 bob 0\n\n"}});
}

}  // namespace
}  // namespace kit::ring_lab
