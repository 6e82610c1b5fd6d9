// Step 5: the client says and prints what it should. The check plays the server that it connects
// to, and the person who types.
#include <algorithm>
#include <string>

#include "grader/harness/check.h"
#include "grader/harness/quote.h"
#include "grader/harness/stage.h"
#include "grader/ring_buffer_server/client_stage.h"
#include "grader/ring_buffer_server/ring_peer.h"

namespace kit::ring_lab {
namespace {

std::string message(int sequence, const std::string& body) {
  return "MSG " + std::to_string(sequence) + " bob " + std::to_string(body.size()) + "\n" + body +
         "\n";
}

KIT_CHECK(Client, SaysHello,
          .why = "Nothing is stored and nothing is read before the server knows the client's name.",
          .hint = "Connect, read the greeting's line, then send `HELLO <name>` and a newline.",
          .function = "ring::Client::Client") {
  ClientStage stage;
  stage.start({"--name", "ann"});
  stage.accept();
  require_equal("the client's answer to the greeting", in_quotes(stage.greet()),
                in_quotes("HELLO ann"));
}

KIT_CHECK(Client, FindsItsServerByName,
          .why =
              "People know names, not addresses; and one name may have several addresses, of which "
              "the first need not be the right one.",
          .hint =
              "getaddrinfo(3) gives a list. When the first address refuses, try the next. Without "
              "--host it is localhost; without --name any valid name will do.",
          .function = "ring::Client::Client") {
  ClientStage stage;
  stage.start({"--host", "localhost"});
  stage.accept();
  const std::string hello = stage.greet();
  const std::string name = hello.substr(std::min<std::size_t>(hello.size(), 6));
  static constexpr char kAllowed[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  const bool is_name =
      !name.empty() && name.size() <= 32 && name.find_first_not_of(kAllowed) == std::string::npos;
  require(hello.starts_with("HELLO ") && is_name,
          "HELLO and a name of 1 to 32 letters, digits, '_', '-' or '.'", varies(in_quotes(hello)));
}

KIT_CHECK(Client, ProvesThatItKnowsTheSecret,
          .why =
              "The secret itself never travels: whoever listens on the line learns nothing that "
              "can be used a second time.",
          .hint =
              "The key of the HMAC is the file's content without one newline at its end; the text "
              "is the 32 characters of this connection's nonce as they came, not the bytes they "
              "stand for. 64 lower-case hex digits.",
          .function = "ring::Client::Client") {
  write_file("secret", "open sesame \n");
  ClientStage stage;
  stage.start({"--name", "ann", "--secret-file", "secret"});
  stage.accept();
  did("the secret is \"open sesame \", and a newline ends the file");
  require_equal("the client's answer to the greeting", stage.greet(),
                "HELLO ann " + make_proof("open sesame ", stage.nonce()));
}

KIT_CHECK(Client, SendsEachLineAtOnce,
          .why = "A person types a line and waits for its answer before typing the next.",
          .hint =
              "Send a line as soon as it is there. Reading the input through a buffer that waits "
              "until it is full (fread, or getline on a big buffer) holds lines back.",
          .function = "ring::Client::run") {
  ClientStage stage;
  stage.start({"--name", "ann"});
  stage.welcome();
  int number = 0;
  const auto expect_and_answer = [&](const std::string& line) {
    stage.expect_line(line);
    stage.say("OK " + std::to_string(++number) + "\n");
  };
  for (const std::string line : {"SET hello, world", "GET", "SET ", "GET 3"}) {
    stage.type(line + "\n");
    expect_and_answer(line);
  }
  stage.type("GET 1\nGET 2\nGE");
  expect_and_answer("GET 1");
  expect_and_answer("GET 2");
  stage.type("T 3\n");
  expect_and_answer("GET 3");
}

KIT_CHECK(Client, SendsBinaryBodiesAsTheyAre,
          .why =
              "After `SETB <length>` come that many bytes of anything: a line of them that says "
              "`quit` is no command.",
          .hint =
              "Count the bytes of the body; only after them is the next line a command again. A "
              "NUL does not end a std::string.",
          .function = "ring::Client::run") {
  const std::string body("\0quit\nQUIT\n\r\n\xff GET\n", 19);
  ClientStage stage;
  stage.start({"--name", "ann"});
  stage.welcome();
  stage.type("SETB " + std::to_string(body.size()) + "\n" + body + "GET\n");
  stage.expect_line("SETB " + std::to_string(body.size()));
  stage.expect_bytes(body);
  stage.say("OK 1\n");
  stage.expect_line("GET");
}

KIT_CHECK(Client, PrintsRepliesAtOnce,
          .why =
              "The answer must be on the screen, and in the pipe of a script that waits for it, "
              "before the next line is typed.",
          .hint =
              "Standard output is buffered when it is a pipe: flush it after every reply "
              "(std::fflush, std::flush), or write(2) to it.",
          .function = "ring::Client::run") {
  ClientStage stage;
  stage.start({"--name", "ann"});
  stage.welcome();
  stage.type("SET hello\n");
  stage.expect_line("SET hello");
  stage.say("OK 1\n");
  stage.expect_printed();
  stage.type("GET\n");
  stage.expect_line("GET");
  stage.say(message(1, "hello"));
  stage.expect_printed();
}

KIT_CHECK(
    Client, PrintsWhatFollowsTheWelcome,
    .why =
        "What the server sends in one go may come in one piece: its WELCOME and the first reply.",
    .hint =
        "One recv(2) may bring more than the line that was waited for. What is behind the line is "
        "not lost: keep it for the reader.",
    .function = "ring::Client::Client") {
  ClientStage stage;
  stage.start({"--name", "ann"});
  stage.accept();
  stage.greet();
  stage.server().send_all(stage.welcome_line() + "OK 1\n", deadline());
  stage.said("OK 1\n");
  stage.type("GET\n");
  stage.expect_line("GET");
  stage.say("EMPTY\n");
  stage.expect_printed();
}

KIT_CHECK(Client, PrintsWhileNothingIsTyped,
          .why =
              "The server may speak at any time. Who waits for the keyboard must not be deaf for "
              "the server.",
          .hint =
              "One thread that waits for input cannot wait for the server as well: give the "
              "printing a thread of its own.",
          .function = "ring::Client::run") {
  ClientStage stage;
  stage.start({"--name", "ann"});
  did("nothing is typed; the server speaks all the same");
  stage.welcome("OK 1\n");  // in one piece, so that it comes with the end of the handshake
  stage.expect_printed();
  for (int i = 2; i <= 3; ++i) {
    stage.say("OK " + std::to_string(i) + "\n");
    stage.expect_printed();
  }
}

KIT_CHECK(Client, PrintsBodiesAsTheyAre,
          .why =
              "A message may hold any byte, and may look like a reply: it is the length that says "
              "where it ends.",
          .hint =
              "Print as many bytes as MSG announces, whatever they are. fputs and \"%s\" stop at a "
              "NUL; a `BYE` within a body is no goodbye.",
          .function = "ring::Client::run") {
  ClientStage stage;
  stage.start({"--name", "ann"});
  stage.welcome();
  stage.type("GET 3\n");
  stage.expect_line("GET 3");
  stage.say("LIST 3\n" + message(1, std::string("a\0b\r\n\xff\n\n", 8)) + message(2, "") +
            message(3, "BYE\nOK 7\n"));
  stage.expect_printed();
  stage.say("OK 4\n");
  stage.expect_printed();
}

KIT_CHECK(
    Client, TakesRepliesInAnyPieces,
    .why = "TCP carries bytes, not lines: a reply may come in ten pieces, or ten replies in one.",
    .hint =
        "What recv(2) gives may end anywhere, in the middle of a line or a number. Keep what is "
        "not whole for the next time; what came behind the WELCOME belongs to the replies.",
    .function = "ring::Client::run") {
  {
    ClientStage stage;
    // Single bytes may have become one segment again by the time they are read: reads that give no
    // more than a byte make sure of the pieces.
    StartOptions options;
    options.env["KIT_SHORT_IO"] = "100";
    stage.start({"--name", "ann"}, options);
    stage.accept();
    did("the greeting and what follows come byte by byte");
    stage.server().send_all(stage.greeting(), deadline());
    stage.expect_line("HELLO ann");
    const std::string replies = "OK 1\n" + message(1, "hi\nthere") + "EMPTY\n";
    stage.server().send_all(stage.welcome_line() + replies, deadline());
    stage.said(replies);
    stage.expect_printed();
  }
  ClientStage stage;
  stage.start({"--name", "ann"});
  stage.welcome();
  did("many replies come at once");
  std::string many;
  for (int i = 2; i < 200; ++i) many += "OK " + std::to_string(i) + "\n" + message(i, "x");
  stage.say(many);
  stage.expect_printed();
}

KIT_CHECK(Client, PrintsHugeReplies,
          .why = "A message may be larger than any buffer that one would think of.",
          .hint =
              "Print a body piece by piece as it comes. write(2) to a pipe may take less than it "
              "was given.",
          .function = "ring::Client::run") {
  std::string body;
  for (int i = 0; body.size() < 200'000; ++i) body += "byte " + std::to_string(body.size()) + ", ";
  ClientStage stage;
  stage.start({"--name", "ann"});
  stage.welcome();
  stage.type("GET\n");
  stage.expect_line("GET");
  stage.say(message(1, body) + "OK 2\n");
  stage.expect_printed();
}

}  // namespace
}  // namespace kit::ring_lab
