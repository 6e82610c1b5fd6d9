// Step 5: the client. The check plays the server that it connects to, and the person who types.
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/rounds.h"
#include "grader/harness/scenario.h"
#include "grader/harness/tcp_socket.h"
#include "grader/ring_buffer_server/client_stage.h"
#include "grader/ring_buffer_server/ring_peer.h"

namespace kit::ring_lab {
namespace {

// What a client that leaves too early is given to show it. Nothing is concluded from the time.
constexpr int kHasteMs = 150;

std::string message(int sequence, const std::string& body) {
  return "MSG " + std::to_string(sequence) + " bob " + std::to_string(body.size()) + "\n" + body + "\n";
}

void write_file(const std::string& name, const std::string& content) {
  std::ofstream file(box().folder() + "/" + name, std::ios::binary);
  file << content;
  if (!file.flush()) fail_not_gradable("cannot write " + name);
}

KIT_CHECK(Client, SaysHello,
          .why = "Nothing is stored and nothing is read before the server knows the client's name.",
          .hint = "Connect, read the greeting's line, then send `HELLO <name>` and a newline.",
          .function = "ring::Client::Client") {
  ClientStage stage;
  stage.start({"--name", "ann"});
  stage.accept();
  require_equal("the client's answer to the greeting", printable(stage.greet()), printable("HELLO ann"));
}

KIT_CHECK(Client, FindsItsServerByName,
          .why = "People know names, not addresses; and one name may have several addresses, of which the first need not be the right one.",
          .hint = "getaddrinfo(3) gives a list. When the first address refuses, try the next. Without --host it is localhost; without --name any valid name will do.",
          .function = "ring::Client::Client") {
  ClientStage stage;
  stage.start({"--host", "localhost"});
  stage.accept();
  const std::string hello = stage.greet();
  const std::string name = hello.substr(std::min<std::size_t>(hello.size(), 6));
  static constexpr char kAllowed[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  const bool is_name = !name.empty() && name.size() <= 32 && name.find_first_not_of(kAllowed) == std::string::npos;
  require(hello.starts_with("HELLO ") && is_name,
          "HELLO and a name of 1 to 32 letters, digits, '_', '-' or '.'", varies(printable(hello)));
}

KIT_CHECK(Client, ProvesThatItKnowsTheSecret,
          .why = "The secret itself never travels: whoever listens on the line learns nothing that can be used a second time.",
          .hint = "The key of the HMAC is the file's content without one newline at its end; the text is the 32 characters of this connection's nonce as they came, not the bytes they stand for. 64 lower-case hex digits.",
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
          .hint = "Send a line as soon as it is there. Reading the input through a buffer that waits until it is full (fread, or getline on a big buffer) holds lines back.",
          .function = "ring::Client::run") {
  ClientStage stage;
  stage.start({"--name", "ann"});
  stage.welcome();
  for (const std::string line : {"SET hello, world", "GET", "SET ", "GET 3"}) {
    stage.type(line + "\n");
    stage.expect_line(line);
  }
  stage.type("GET 1\nGET 2\nGE");
  stage.expect_line("GET 1");
  stage.expect_line("GET 2");
  stage.type("T 3\n");
  stage.expect_line("GET 3");
}

KIT_CHECK(Client, SendsBinaryBodiesAsTheyAre,
          .why = "After `SETB <length>` come that many bytes of anything: a line of them that says `quit` is no command.",
          .hint = "Count the bytes of the body; only after them is the next line a command again. A NUL does not end a std::string.",
          .function = "ring::Client::run") {
  const std::string body("\0quit\nQUIT\n\r\n\xff GET\n", 19);
  ClientStage stage;
  stage.start({"--name", "ann"});
  stage.welcome();
  stage.type("SETB " + std::to_string(body.size()) + "\n" + body + "GET\n");
  stage.expect_line("SETB " + std::to_string(body.size()));
  stage.expect_bytes(body);
  stage.expect_line("GET");
}

KIT_CHECK(Client, PrintsRepliesAtOnce,
          .why = "The answer must be on the screen, and in the pipe of a script that waits for it, before the next line is typed.",
          .hint = "Standard output is buffered when it is a pipe: flush it after every reply (std::fflush, std::flush), or write(2) to it.",
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

KIT_CHECK(Client, PrintsWhileNothingIsTyped,
          .why = "The server may speak at any time. Who waits for the keyboard must not be deaf for the server.",
          .hint = "One thread that waits for input cannot wait for the server as well: give the printing a thread of its own.",
          .function = "ring::Client::run") {
  ClientStage stage;
  stage.start({"--name", "ann"});
  stage.welcome();
  did("nothing is typed; the server speaks all the same");
  for (int i = 1; i <= 3; ++i) {
    stage.say("OK " + std::to_string(i) + "\n");
    stage.expect_printed();
  }
}

KIT_CHECK(Client, PrintsBodiesAsTheyAre,
          .why = "A message may hold any byte, and may look like a reply: it is the length that says where it ends.",
          .hint = "Print as many bytes as MSG announces, whatever they are. fputs and \"%s\" stop at a NUL; a `BYE` within a body is no goodbye.",
          .function = "ring::Client::run") {
  ClientStage stage;
  stage.start({"--name", "ann"});
  stage.welcome();
  stage.type("GET 3\n");
  stage.expect_line("GET 3");
  stage.say("LIST 3\n" + message(1, std::string("a\0b\r\n\xff\n\n", 8)) + message(2, "") + message(3, "BYE\nOK 7\n"));
  stage.expect_printed();
  stage.say("OK 4\n");
  stage.expect_printed();
}

KIT_CHECK(Client, TakesRepliesInAnyPieces,
          .why = "TCP carries bytes, not lines: a reply may come in ten pieces, or ten replies in one.",
          .hint = "What recv(2) gives may end anywhere, in the middle of a line or a number. Keep what is not whole for the next time; what came behind the WELCOME belongs to the replies.",
          .function = "ring::Client::run") {
  ClientStage stage;
  stage.start({"--name", "ann"});
  stage.accept();
  did("the greeting and what follows come byte by byte");
  stage.server().send_bytewise(stage.greeting(), deadline());
  stage.expect_line("HELLO ann");
  const std::string replies = "OK 1\n" + message(1, "hi\nthere") + "EMPTY\n";
  stage.server().send_bytewise(stage.welcome_line() + replies, deadline());
  stage.said(replies);
  stage.expect_printed();
  did("many replies come at once");
  std::string many;
  for (int i = 2; i < 200; ++i) many += "OK " + std::to_string(i) + "\n" + message(i, "x");
  stage.say(many);
  stage.expect_printed();
}

KIT_CHECK(Client, PrintsWhatFollowsTheWelcome,
          .why = "What belongs together for the server may come in one piece: its WELCOME and the first reply.",
          .hint = "One recv(2) may bring more than the line that was waited for. Keep the rest and print it.",
          .function = "ring::Client::Client") {
  ClientStage stage;
  stage.start({"--name", "ann"});
  stage.accept();
  stage.greet();
  stage.server().send_all(stage.welcome_line() + "OK 1\nOK 2\nO", deadline());
  stage.said("OK 1\nOK 2\n");
  stage.expect_printed();
  stage.server().send_all("K 3\n", deadline());
  stage.said("OK 3\n");
  stage.expect_printed();
}

KIT_CHECK(Client, PrintsHugeReplies,
          .why = "A message may be larger than any buffer that one would think of.",
          .hint = "Print a body piece by piece as it comes. write(2) to a pipe may take less than it was given.",
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
          .hint = "Send QUIT (the protocol has no `quit`), then let the reader go on until the server has closed; then join it and return 0.",
          .function = "ring::Client::run") {
  for_each_round([](const Round& round) { check_goodbye("quit\n", round.start); });
}

KIT_CHECK(Client, EndOfInputWaitsForTheAnswers,
          .why = "`ring_client < commands` in a script must show all the answers.",
          .hint = "The end of the input is like `quit`: tell the server, read on until it has closed, then return 0.",
          .function = "ring::Client::run") {
  check_goodbye("");
}

KIT_CHECK(Client, TellsThatTheServerHasGone,
          .why = "Who sits at the keyboard must learn at once that nobody listens any more, not at the next line.",
          .hint = "The reader finds the end of the stream while the other thread waits for input. How does it wake it? (An eventfd or a pipe in a poll(2) together with the input is one way.) Then one line on standard error, and exit status 1.",
          .function = "ring::Client::run") {
  const auto round = [](const Round& round) {
    ClientStage stage;
    stage.start({"--name", "ann"}, round.start);
    stage.welcome();
    stage.say("OK 1\n");
    stage.expect_printed();
    did("the server closes the connection; nothing is typed, and standard input stays open");
    stage.server().close();
    stage.expect_told_failure("The server has closed the connection");
  };
  for_each_round(round);
}

KIT_CHECK(Client, TellsThatTheConnectionBroke,
          .why = "A server that crashes, or a network that breaks, ends the connection with a reset instead of a goodbye.",
          .hint = "recv(2) fails with ECONNRESET: that ends the client as well. Which status does main return then?",
          .function = "ring::Client::run") {
  ClientStage stage;
  stage.start({"--name", "ann"});
  stage.welcome();
  stage.say("OK 1\n");
  stage.expect_printed();
  stage.server().reset();
  stage.expect_told_failure("The connection was reset");
}

KIT_CHECK(Client, TellsOfAServerThatGoesWithinABody,
          .why = "Half a message is no message: a script must not take it for a whole one.",
          .hint = "The end of the stream is a good one only after QUIT. What does your reader do when it comes while bytes of a body are still awaited?",
          .function = "ring::Client::run") {
  ClientStage stage;
  stage.start({"--name", "ann"});
  stage.welcome();
  stage.type("GET\n");
  stage.expect_line("GET");
  stage.say("MSG 1 bob 100\nonly the beginning");
  stage.server().half_close();
  stage.expect_told_failure("The server has closed the connection within a message");
}

KIT_CHECK(Client, TellsADenial,
          .why = "The user must be told why there is no entry: a name that is taken can be changed.",
          .hint = "After HELLO the server answers WELCOME or DENIED and a reason. Show the reason; exit status 1.",
          .function = "ring::Client::Client") {
  ClientStage stage;
  stage.start({"--name", "ann"});
  stage.accept();
  stage.greet();
  stage.server().send_all("DENIED name-taken\n", deadline());
  stage.server().half_close();
  stage.expect_told_failure("The server has denied entry");
  const std::string all = stage.client().out() + stage.client().err();
  require(all.find("name-taken") != std::string::npos, "the reason, name-taken, is told",
          "ring_client printed " + printable(all, 200));
}

KIT_CHECK(Client, TellsThatItIsFull,
          .why = "A server that is full may say so and close before it has read the client's name.",
          .hint = "Sending HELLO may fail because the server has closed already. Its last line is there all the same: read it before you give up.",
          .function = "ring::Client::Client") {
  ClientStage stage;
  stage.start({"--name", "ann"});
  stage.accept();
  stage.server().send_all(stage.greeting() + "DENIED full\n", deadline());
  stage.server().half_close();
  stage.expect_told_failure("The server has denied entry");
  const std::string all = stage.client().out() + stage.client().err();
  require(all.find("full") != std::string::npos, "the reason, full, is told",
          "ring_client printed " + printable(all, 200));
}

KIT_CHECK(Client, TellsThatNobodyListens,
          .why = "Most often the server is simply not started yet.",
          .hint = "connect(2) fails with ECONNREFUSED: say so in one line, exit status 1.",
          .function = "ring::Client::Client") {
  std::uint16_t port = 0;
  {
    const UniqueFd listener = box().listen({});
    port = local_port(listener.get());
  }
  did("started ring_client with a port on which nobody listens");
  Process& client = box().start("ring_client", {"--host", "127.0.0.1", "--port", std::to_string(port)});
  const std::optional<Exit> exit = client.wait(deadline());
  if (!exit) fail_hung("ring_client ends with exit status 1");
  client.kill();
  require(exit->signal == 0 && exit->status == 1 && !client.err().empty(),
          "exit status 1 and a line on standard error",
          render(*exit) + (client.err().empty() ? " and nothing on standard error" : ""));
}

KIT_CHECK(Client, RefusesBadArguments,
          .why = "A typing error in an option must not be taken for something else in silence.",
          .hint = "Check each number's whole text and its limits; say on standard error which argument is wrong, and end with a status that is not 0.",
          .function = "main") {
  const std::vector<std::vector<std::string>> wrong = {
      {"--port", "abc"}, {"--port", "70000"}, {"--colour", "red"}, {"--port"},
      {"--name", "no spaces"}, {"--secret-file", "no-such-file"}};
  const UniqueFd listener = box().listen({});
  for (const std::vector<std::string>& args : wrong) {
    forget_did();
    const std::string shown = args[0] + (args.size() > 1 ? " " + printable(args[1]) : "");
    did("started ring_client " + shown);
    std::vector<std::string> all = {"--host", "127.0.0.1", "--port", std::to_string(local_port(listener.get()))};
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

// User and system time of the process so far.
std::int64_t cpu_time_ms(const Process& process) {
  std::ifstream file("/proc/" + std::to_string(process.pid()) + "/stat");
  const std::string line((std::istreambuf_iterator<char>(file)), {});
  std::istringstream words(line.substr(std::min(line.rfind(')'), line.size() - 1) + 1));
  std::string word;
  for (int i = 0; i < 11; ++i) words >> word;  // state and the fields 4 to 13 of proc(5)
  std::int64_t user = 0;
  std::int64_t system = 0;
  if (!(words >> user >> system)) fail_not_gradable("/proc/<pid>/stat cannot be read: " + line);
  return (user + system) * 1000 / sysconf(_SC_CLK_TCK);
}

KIT_CHECK(Client, SleepsWhileNothingHappens,
          .why = "A client that is open all day must not take a processor for it.",
          .hint = "Wait in poll(2) or read(2), without a time limit of zero. What does your loop do when poll() returns at once, each time?",
          .function = "ring::Client::run") {
  constexpr int kIdleMs = 400;
  constexpr int kMostMs = 100;
  ClientStage stage;
  stage.start({"--name", "ann"});
  stage.welcome();
  stage.say("OK 1\n");
  stage.expect_printed();
  const std::int64_t before_ms = cpu_time_ms(stage.client());
  did("for " + std::to_string(kIdleMs) + " ms nothing is typed and the server says nothing");
  stage.server().read_for_ms(kIdleMs);
  const std::int64_t used_ms = cpu_time_ms(stage.client()) - before_ms;
  require(used_ms < kMostMs, "next to no processor time is used meanwhile",
          "ring_client has used " + varies(std::to_string(used_ms)) + " ms of processor time");
}

KIT_CHECK(Client, PrintsWhileTheServerDoesNotRead,
          .why = "A server may be busy and read nothing for a while, and still say something. If the client first waits to get rid of its own, both wait for ever.",
          .hint = "A send(2) that blocks must hold up the writer only: the reader needs a thread, and whatever lock it takes must not be held while sending.",
          .function = "ring::Client::run") {
  constexpr int kQuietMs = 150;
  constexpr int kMaxPieces = 512;
  ClientStage stage(4096);
  stage.start({"--name", "ann"});
  stage.welcome();
  const std::string piece(64 * 1024, 'x');
  const std::string command = "SETB " + std::to_string(piece.size() * kMaxPieces) + "\n";
  did("typed a SETB of " + std::to_string(piece.size() * kMaxPieces >> 20) +
      " MiB, as far as the client takes it; the server reads nothing of it");
  static_cast<void>(stage.client().write_in(command, deadline()));
  for (int i = 0; i < kMaxPieces; ++i) {
    if (!stage.client().write_in(piece, deadline().but_at_most_ms(kQuietMs))) break;
  }
  stage.say("OK 1\n");
  stage.expect_printed();
  stage.say(message(1, std::string(1000, 'y')));
  stage.expect_printed();
}

}  // namespace
}  // namespace kit::ring_lab
