// Step 5: how a client ends, whichever side wants it, and what it costs while nothing happens.
#include <optional>
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/holdings.h"
#include "grader/harness/quote.h"
#include "grader/harness/rounds.h"
#include "grader/harness/tcp_socket.h"
#include "grader/ring_buffer_server/client_stage.h"

namespace kit::ring_lab {
namespace {

// What a client that leaves too early is given to show it. Nothing is concluded from the time.
constexpr int kHasteMs = 150;

// Types some commands and then, with `last`, the end; the server takes its time to answer.
void check_goodbye(const std::string& last, const StartOptions& options = {}) {
  ClientStage stage;
  stage.start({"--name", "ann"}, options);
  stage.welcome();
  stage.type("SET one\nSET two\n" + last);
  if (last.empty()) stage.close_typing();
  stage.expect_line("SET one");
  stage.expect_line("SET two");
  const bool with_quit = stage.expect_goodbye();
  // A client that does not wait for the answers is gone by now.
  static_cast<void>(stage.client().wait(deadline().but_at_most_ms(kHasteMs)));
  did("the server answers what it was sent before");
  stage.say("OK 1\n");
  stage.expect_printed();
  stage.say("OK 2\n");
  stage.expect_printed();
  stage.let_go(with_quit);
  stage.expect_success();
  stage.expect_printed();
}

KIT_CHECK(Client, QuitWaitsForTheAnswers,
          .why = "Who types `SET` and `quit` wants to know whether the message was stored.",
          .hint =
              "Send QUIT (the protocol has no `quit`), then let the reader go on until the server "
              "has closed; then join it and return 0.",
          .function = "ring::Client::run") {
  for_each_round([](const Round& round) { check_goodbye("quit\n", round.start); });
}

KIT_CHECK(Client, EndOfInputWaitsForTheAnswers,
          .why = "`ring_client < commands` in a script must show all the answers.",
          .hint =
              "The end of the input is like `quit`: tell the server, read on until it has closed, "
              "then return 0.",
          .function = "ring::Client::run") {
  check_goodbye("");
}

KIT_CHECK(Client, TellsThatTheServerHasGone,
          .why =
              "Who sits at the keyboard must learn at once that nobody listens any more, not at "
              "the next line.",
          .hint =
              "The reader finds the end of the stream while the other thread waits for input. How "
              "does it wake it? (An eventfd or a pipe in a poll(2) together with the input is one "
              "way.) Then one line on standard error, and exit status 1.",
          .function = "ring::Client::run") {
  const auto round = [](const Round& round) {
    ClientStage stage;
    stage.start({"--name", "ann"}, round.start);
    stage.welcome();
    stage.say("OK 1\n");
    stage.expect_printed();
    did("the server closes the connection; nothing is typed, and standard input stays open");
    stage.server().close();
    stage.expect_told_failure("the server has closed the connection");
  };
  for_each_round(round);
}

KIT_CHECK(Client, TellsThatTheConnectionBroke,
          .why =
              "A server that crashes, or a network that breaks, ends the connection with a reset "
              "instead of a goodbye.",
          .hint =
              "recv(2) fails with ECONNRESET: that ends the client as well. Which status does main "
              "return then?",
          .function = "ring::Client::run") {
  ClientStage stage;
  stage.start({"--name", "ann"});
  stage.welcome();
  stage.say("OK 1\n");
  stage.expect_printed();
  stage.server().reset();
  stage.expect_told_failure("the connection was reset");
}

KIT_CHECK(
    Client, TellsOfAServerThatGoesWhileItSends,
    .why =
        "A server may go away just while something large is sent to it. That must be told, too, "
        "and must not end the client without a word.",
    .hint =
        "send(2) then fails with EPIPE or ECONNRESET, and raises SIGPIPE unless that is ignored or "
        "MSG_NOSIGNAL is given. If the error becomes an exception: is the reader's thread joined "
        "on that way as well? A std::thread that is destroyed before ends the program.",
    .function = "ring::Client::run") {
  ClientStage stage(4096);
  stage.start({"--name", "ann"});
  stage.welcome();
  stage.type_more_than_it_takes();
  stage.server().reset();
  stage.expect_told_failure("the connection was reset while it was sending");
}

KIT_CHECK(Client, TellsOfAServerThatGoesWithinABody,
          .why = "Half a message is no message: a script must not take it for a whole one.",
          .hint =
              "The end of the stream is a good one only after QUIT. What does your reader do when "
              "it comes while bytes of a body are still awaited?",
          .function = "ring::Client::run") {
  ClientStage stage;
  stage.start({"--name", "ann"});
  stage.welcome();
  stage.type("GET\n");
  stage.expect_line("GET");
  stage.say("MSG 1 bob 100\nonly the beginning");
  stage.server().half_close();
  stage.expect_told_failure("the server has closed the connection within a message");
}

KIT_CHECK(
    Client, TellsADenial,
    .why = "The user must be told why there is no entry: a name that is taken can be changed.",
    .hint =
        "After HELLO the server answers WELCOME or DENIED and a reason. Show the reason; exit "
        "status 1.",
    .function = "ring::Client::Client") {
  ClientStage stage;
  stage.start({"--name", "ann"});
  stage.accept();
  stage.greet();
  stage.server().send_all("DENIED name-taken\n", deadline());
  stage.server().half_close();
  stage.expect_told_failure("the server has denied entry");
  const std::string all = stage.client().out() + stage.client().err();
  require(all.find("name-taken") != std::string::npos, "the reason, name-taken, is told",
          "ring_client printed " + in_quotes(all));
}

KIT_CHECK(Client, TellsThatItIsFull,
          .why = "A server that is full may say so and close before it has read the client's name.",
          .hint =
              "Sending HELLO may fail because the server has closed already. Its last line is "
              "there all the same: read it before you give up.",
          .function = "ring::Client::Client") {
  ClientStage stage;
  stage.start({"--name", "ann"});
  stage.accept();
  stage.server().send_all(stage.greeting() + "DENIED full\n", deadline());
  stage.server().half_close();
  stage.expect_told_failure("the server has denied entry");
  const std::string all = stage.client().out() + stage.client().err();
  require(all.find("full") != std::string::npos, "the reason, full, is told",
          "ring_client printed " + in_quotes(all));
}

KIT_CHECK(Client, TellsThatNobodyListens, .why = "Most often the server is simply not started yet.",
          .hint = "connect(2) fails with ECONNREFUSED: say so in one line, exit status 1.",
          .function = "ring::Client::Client") {
  std::uint16_t port = 0;
  {
    const UniqueFd listener = box().listen({});
    port = local_port(listener.get());
  }
  did("started ring_client with a port on which nobody listens");
  Process& client =
      box().start("ring_client", {"--host", "127.0.0.1", "--port", std::to_string(port)});
  const std::optional<Exit> exit = client.wait(deadline());
  if (!exit) fail_hung("ring_client ends with exit status 1");
  client.kill();
  require(exit->signal == 0 && exit->status == 1 && !client.err().empty(),
          "exit status 1 and a line on standard error",
          render(*exit) + (client.err().empty() ? " and nothing on standard error" : ""));
}

KIT_CHECK(Client, RefusesBadArguments,
          .why = "A typing error in an option must not be taken for something else in silence.",
          .hint =
              "Check each number's whole text and its limits; say on standard error which argument "
              "is wrong, and end with a status that is not 0.",
          .function = "main") {
  const std::vector<std::vector<std::string>> wrong = {
      {"--port", "abc"}, {"--port", "70000"},     {"--colour", "red"},
      {"--port"},        {"--name", "no spaces"}, {"--secret-file", "no-such-file"}};
  const UniqueFd listener = box().listen({});
  for (const std::vector<std::string>& args : wrong) {
    forget_did();
    const std::string shown = args[0] + (args.size() > 1 ? " " + in_quotes(args[1]) : "");
    did("started ring_client " + shown);
    std::vector<std::string> all = {"--host", "127.0.0.1", "--port",
                                    std::to_string(local_port(listener.get()))};
    all.insert(all.end(), args.begin(), args.end());
    Process& client = box().start("ring_client", all);
    const std::optional<Exit> exit = client.wait(deadline());
    if (!exit) fail_hung("ring_client refuses " + shown + " and ends");
    client.kill();
    require(exit->signal == 0 && exit->status != 0 && !client.err().empty(),
            "a message on standard error and an exit status that is not 0",
            render(*exit) + (client.err().empty() ? " and nothing on standard error" : ""));
  }
}

KIT_CHECK(Client, SleepsWhileNothingHappens,
          .why = "A client that is open all day must not take a processor for it.",
          .hint =
              "Wait in poll(2) or read(2), without a time limit of zero. What does your loop do "
              "when poll() returns at once, each time?",
          .function = "ring::Client::run") {
  ClientStage stage;
  stage.start({"--name", "ann"});
  stage.welcome();
  stage.say("OK 1\n");
  stage.expect_printed();
  did("from now on nothing is typed and the server says nothing");
  require_rest(stage.client());
}

KIT_CHECK(Client, PrintsWhileTheServerDoesNotRead,
          .why =
              "A server may be busy and read nothing for a while, and still say something. If the "
              "client first waits to get rid of its own, both wait for ever.",
          .hint =
              "A send(2) that blocks must hold up the writer only: the reader needs a thread, and "
              "whatever lock it takes must not be held while sending.",
          .function = "ring::Client::run") {
  ClientStage stage(4096);
  stage.start({"--name", "ann"});
  stage.welcome();
  stage.type_more_than_it_takes();
  stage.say("OK 1\n");
  stage.expect_printed();
  stage.say("MSG 1 bob 1000\n" + std::string(1000, 'y') + "\n");
  stage.expect_printed();
}

}  // namespace
}  // namespace kit::ring_lab
