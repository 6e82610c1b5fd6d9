// Step 4, the conversation: what a client that is in is answered.
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/stage.h"
#include "grader/harness/tcp_peer.h"
#include "grader/ring_buffer_server/ring_clients.h"
#include "grader/ring_buffer_server/ring_peer.h"

namespace kit::ring_lab {
namespace {

// How long a piece of a command is kept back, so that the server has to do with the first one
// alone.
constexpr int kPauseMs = 20;

KIT_CHECK(Server, ListensAndGreets, .why = "Without a port and a greeting no client gets anywhere.",
          .hint =
              "The constructor binds the port (support::listen_on), serve() accepts, and "
              "Session::run() speaks first.",
          .function = "ring::Server::Server") {
  const Server server = start_ring();
  set_function("ring::Server::serve");
  RingPeer ann(connect_to(server));
  await("a client is greeted with \"RING/1 <nonce>\"", [&] { ann.greet(); });
  set_function("ring::Session::run");
  await("HELLO is answered", [&] { number_of("WELCOME", ann.hello("ann")); });
}

KIT_CHECK(Session, AnswersSetAndGet, .why = "This is what the server is for.",
          .hint =
              "Feed what you read to the Parser, carry out each command that it gives, and send "
              "the reply before you wait for more.",
          .function = "ring::Session::run") {
  RingPeer ann = come_in(start_ring(), "ann");
  ann.require_answer("GET", "EMPTY");
  ann.require_answer("GET 3", "LIST 0");
  ann.require_answer("SET one", "OK 1");
  require_same("the answer to `GET`", ann.get(), "1 ann one");
  ann.require_answer("SET  two, with  spaces ", "OK 2");
  ann.require_answer("SET ", "OK 3");
  require_same("the answer to `GET`", ann.get(), "3 ann ");
  require_same("the answer to `GET 2`", ann.list(2), "2 ann  two, with  spaces  | 3 ann ");
  require_same("the answer to `GET 99`", ann.list(99),
               "1 ann one | 2 ann  two, with  spaces  | 3 ann ");
}

KIT_CHECK(Session, NumbersOverAllClients,
          .why = "All clients talk into the same ring, and a message says whose it is.",
          .hint = "There is one ring for all sessions. The author is the name of the HELLO.",
          .function = "ring::Session::run") {
  const Server server = start_ring({"--capacity", "3"});
  RingPeer ann = come_in(server, "ann");
  RingPeer bob = come_in(server, "b.o-b_2");
  ann.require_answer("SET one", "OK 1");
  bob.require_answer("SET two", "OK 2");
  bob.require_answer("SET three", "OK 3");
  ann.require_answer("SET four", "OK 4");
  require_same("what the other one sees of `GET`", bob.get(), "4 ann four");
  require_same("the answer to `GET 9`", ann.list(9),
               "2 b.o-b_2 two | 3 b.o-b_2 three | 4 ann four");
}

KIT_CHECK(
    Session, StoresAnyBytes, .why = "A picture has zeros and newlines in it.",
    .hint =
        "Count the bytes of a body; do not look at them. What follows them is the next command.",
    .function = "ring::Session::run") {
  RingPeer ann = come_in(start_ring(), "ann");
  const std::string odd("\0QUIT\r\nSET x\n\xff\n", 16);
  require_same("the answer to `SETB 16` and its bytes", ann.setb(odd), "OK 1");
  require_same("the answer to `GET`", ann.get(), "1 ann " + odd);
  std::string large(4096, ' ');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 7);
  require_same("the answer to `SETB 4096` and its bytes", ann.setb(large), "OK 2");
  require_same("the answer to `GET`", ann.get(), "2 ann " + large);
}

KIT_CHECK(
    Session, RefusesWhatIsNoCommand, .why = "A person at a telnet prompt mistypes, and goes on.",
    .hint = "The Parser gives a Bad with its reason: send it, and go on with the next command.",
    .function = "ring::Session::run") {
  RingPeer ann = come_in(start_ring(), "ann");
  for (const char* command : {"HELP", "GETALL", "RING/1"})
    ann.require_answer(command, "ERR unknown-command");
  for (const char* command : {"GET 0", "GET -1", "GET two", "SETB", "SETB 0", "SETB 1x"}) {
    ann.require_answer(command, "ERR bad-argument");
  }
  ann.require_answer("SET one", "OK 1");
}

KIT_CHECK(
    Session, SkipsWhatIsTooLong,
    .why = "One message that is too long must not cost the client its connection.",
    .hint = "Answer once, and go on: the Parser skips the rest by itself, as long as it is fed.",
    .function = "ring::Session::run") {
  const Server server = start_ring({"--max-message", "16"});
  TcpPeer& tcp = connect_to(server);
  RingPeer ann(tcp);
  ann.enter("ann");
  ann.require_answer("SET just sixteen byt", "OK 1");
  ann.require_answer("SET " + std::string(17, 'x'), "ERR too-long");
  require_same("the answer to `SETB 17` and its bytes", ann.setb(std::string(17, 'x')),
               "ERR too-long");
  did("> SETB 16777216, and 16777216 bytes behind it");
  tcp.send_while_reading("SETB 16777216\n" + std::string(std::size_t{16} << 20, 'x'), deadline());
  ann.require_line("the answer to `SETB 16777216`", "ERR too-long");
  require_same("the answer to `GET`", ann.get(), "1 ann just sixteen byt");
}

KIT_CHECK(Session, ClosesBeyondSixteenMebibytes,
          .why = "Somebody who announces a terabyte would keep the server reading for ever.",
          .hint = "Ask Parser::broken() when there are no more commands.",
          .function = "ring::Session::run") {
  const Server server = start_ring();
  RingPeer ann = come_in(server, "ann");
  ann.require_answer("SETB 16777217", "ERR too-long");
  await("the server closes after SETB 16777217", [&] { ann.require_end(); });
  TcpPeer& tcp = connect_to(server);
  RingPeer bob(tcp);
  bob.enter("bob");
  try {
    tcp.send_while_reading("SET " + std::string(std::size_t{18} << 20, 'x'), deadline());
  } catch (const PeerReset&) {
    // Closed while more was on its way: just what should happen.
  }
  await("the server closes after a line of 18 MiB", [&] { bob.require_end(); });
}

KIT_CHECK(
    Session, ReadsByteByByte,
    .why = "TCP carries a stream of bytes: what a client sent at once may come in any pieces.",
    .hint =
        "A read gives what is there, and that may be half a line. The Parser keeps it: read "
        "on until it has a whole command.",
    .function = "ring::Session::run") {
  did("sent each command in pieces, a moment apart: `HEL`, `LO ann`, `\\n`");
  const Server server = start_ring();
  TcpPeer& tcp = connect_to(server);
  RingPeer ann(tcp);
  ann.greet();
  tcp.send_pieces({"HEL", "LO ann", "\n"}, kPauseMs, deadline());
  number_of("WELCOME", ann.read_line());
  tcp.send_pieces({"SE", "T one", " and a half\r", "\nGET", "\r\n"}, kPauseMs, deadline());
  ann.require_line("the answer to `SET one and a half`", "OK 1");
  require_same("the answer to `GET`", ann.read_get(), "1 ann one and a half");
  tcp.send_pieces({"SETB 6", "\nab", "cd", "ef", "GET\n"}, kPauseMs, deadline());
  ann.require_line("the answer to `SETB 6`", "OK 2");
  require_same("the answer to `GET`", ann.read_get(), "2 ann abcdef");
  tcp.send_bytewise("SET three\nGET 1\n", deadline());
  ann.require_line("the answer to `SET three`", "OK 3");
  require_same("the answer to `GET 1`", ann.read_list(), "3 ann three");
}

KIT_CHECK(Session, TakesManyCommandsAtOnce,
          .why = "A client need not wait for an answer before it asks again.",
          .hint =
              "One read may bring many commands: ask Parser::next() until it has no more, and only "
              "then read again.",
          .function = "ring::Session::run") {
  const Server server = start_ring({"--capacity", "500"});
  TcpPeer& tcp = connect_quietly(server);
  RingPeer ann(tcp);
  ann.enter("ann");
  did("sent `SET message 1` to `SET message 500`, `GET` and `GET 2` at once");
  std::string commands;
  for (int i = 1; i <= 500; ++i) commands += "SET message " + std::to_string(i) + "\n";
  tcp.send_while_reading(commands + "GET\nGET 2\n", deadline());
  for (int i = 1; i <= 500; ++i) {
    const std::string number = std::to_string(i);
    await("each command is answered, number " + number + " too",
          [&] { ann.require_line("the answer to command " + number, "OK " + number); });
  }
  require_same("the answer to `GET`", ann.read_get(), "500 ann message 500");
  require_same("the answer to `GET 2`", ann.read_list(),
               "499 ann message 499 | 500 ann message 500");
}

KIT_CHECK(Session, TakesCommandsBehindHello,
          .why = "A program that knows what it wants sends all of it at once.",
          .hint =
              "What came with the HELLO line belongs to the conversation: carry out what is there "
              "already before you read more.",
          .function = "ring::Session::run") {
  RingPeer ann(connect_to(start_ring()));
  ann.greet();
  ann.send("HELLO ann\nSET one\nGET\n");
  await("HELLO is answered", [&] { number_of("WELCOME", ann.read_line()); });
  await("the SET that was sent together with HELLO is answered",
        [&] { ann.require_line("the answer to `SET one`", "OK 1"); });
  require_same("the answer to `GET`", ann.read_get(), "1 ann one");
}

KIT_CHECK(Session, SaysByeAndCloses,
          .why = "A client that says QUIT waits for the end of the connection.",
          .hint = "After BYE the session is over: the descriptor must be closed, too.",
          .function = "ring::Session::run") {
  RingPeer ann = come_in(start_ring(), "ann");
  ann.require_answer("SET one", "OK 1");
  ann.require_answer("QUIT", "BYE");
  await("the server closes the connection after BYE", [&] { ann.require_end(); });
}

KIT_CHECK(Session, AnswersAfterHalfClose,
          .why = "`printf ... | nc` ends its input at once and still wants the answers.",
          .hint =
              "The end of what the client sends is not the end of what it reads: answer what has "
              "come, then close.",
          .function = "ring::Session::run") {
  TcpPeer& tcp = connect_to(start_ring());
  RingPeer ann(tcp);
  ann.enter("ann");
  tcp.send_all("SET one\nSET two\nGET 5\n", deadline());
  tcp.half_close();
  await("the answers, and then the end of the connection", [&] {
    require_same("all that comes", tcp.read_until_eof(deadline()),
                 "OK 1\nOK 2\nLIST 2\nMSG 1 ann 3\none\nMSG 2 ann 3\ntwo\n");
  });
}

KIT_CHECK(
    Session, StoresNoHalfBody, .why = "Half a message is not what the author said.",
    .hint =
        "Store a body when all of its bytes have come, and nothing when the connection ends first.",
    .function = "ring::Session::run") {
  const Server server = start_ring();
  TcpPeer& closing = connect_to(server);
  RingPeer(closing).enter("bob");
  closing.send_pieces({"SETB 10\nhel", "lo"}, kPauseMs, deadline());
  closing.half_close();
  await("the server closes as well", [&] { closing.wait_for_end(deadline()); });
  RingPeer ann = come_in(server, "ann");
  ann.require_answer("GET", "EMPTY");
  ann.require_answer("SET one", "OK 1");
}

KIT_CHECK(
    Session, LivesWithShortReadsAndWrites,
    .why = "The kernel may move fewer bytes than you asked for, and a signal may interrupt it.",
    .hint =
        "Use what Stream::read_some() returns, and write with Stream::write_all(). Code of "
        "your own for recv(2) and send(2) must go on after EINTR and after a short count.",
    .function = "ring::Session::run") {
  did("made half of the server's reads and writes short, and let one in five fail with EINTR "
      "first");
  StartOptions options;
  options.env = {
      {"KIT_PERTURB", std::to_string(seed()) + ":0"}, {"KIT_SHORT_IO", "50"}, {"KIT_EINTR", "20"}};
  const Server server = start_ring({"--max-message", "20000"}, options);
  RingPeer ann(connect_to(server));
  await("HELLO is answered", [&] { ann.enter("ann"); });
  std::string body(20'000, ' ');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i % 23);
  for (int i = 1; i <= 10; ++i) {
    const std::string number = std::to_string(i);
    await("`SETB 20000` and its bytes are answered, all of the answer", [&] {
      require_same("the answer to `SETB 20000` and its bytes", ann.setb(body), "OK " + number);
    });
    await("`GET` is answered with all of a message of 20000 bytes",
          [&] { require_same("the answer to `GET`", ann.get(), number + " ann " + body); });
  }
}

}  // namespace
}  // namespace kit::ring_lab
