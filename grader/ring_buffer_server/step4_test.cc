// Step 4, the conversation: what a client is answered, and who may come in.
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/tcp_peer.h"
#include "grader/ring_buffer_server/ring_clients.h"
#include "grader/ring_buffer_server/ring_peer.h"

namespace kit::ring_lab {
namespace {

// How long a piece of a command is kept back, so that the server has to do with the first one alone.
constexpr int kPauseMs = 20;

KIT_CHECK(Server, ListensAndGreets,
          .why = "Without a port and a greeting no client gets anywhere.",
          .hint = "The constructor binds the port (support::listen_on), serve() accepts, and "
                  "Session::run() speaks first.",
          .function = "ring::Server::Server") {
  const Server server = start_ring();
  set_function("ring::Server::serve");
  RingPeer ann(connect_to(server));
  await("a client is greeted with \"RING/1 <nonce>\"", [&] { ann.greet(); });
  set_function("ring::Session::run");
  await("HELLO is answered", [&] { number_of("WELCOME", ann.hello("ann")); });
}

KIT_CHECK(Session, AnswersSetAndGet,
          .why = "This is what the server is for.",
          .hint = "Feed what you read to the Parser, carry out each command that it gives, and send "
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
  require_same("the answer to `GET 9`", ann.list(9), "2 b.o-b_2 two | 3 b.o-b_2 three | 4 ann four");
}

KIT_CHECK(Session, StoresAnyBytes,
          .why = "A picture has zeros and newlines in it.",
          .hint = "Count the bytes of a body; do not look at them. What follows them is the next command.",
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

KIT_CHECK(Session, RefusesWhatIsNoCommand,
          .why = "A person at a telnet prompt mistypes, and goes on.",
          .hint = "The Parser gives a Bad with its reason: send it, and go on with the next command.",
          .function = "ring::Session::run") {
  RingPeer ann = come_in(start_ring(), "ann");
  for (const char* command : {"HELP", "GETALL", "RING/1"}) ann.require_answer(command, "ERR unknown-command");
  for (const char* command : {"GET 0", "GET -1", "GET two", "SETB", "SETB 0", "SETB 1x"}) {
    ann.require_answer(command, "ERR bad-argument");
  }
  ann.require_answer("SET one", "OK 1");
}

KIT_CHECK(Session, SkipsWhatIsTooLong,
          .why = "One message that is too long must not cost the client its connection.",
          .hint = "Answer once, and go on: the Parser skips the rest by itself, as long as it is fed.",
          .function = "ring::Session::run") {
  const Server server = start_ring({"--max-message", "16"});
  TcpPeer& tcp = connect_to(server);
  RingPeer ann(tcp);
  ann.enter("ann");
  ann.require_answer("SET just sixteen byt", "OK 1");
  ann.require_answer("SET " + std::string(17, 'x'), "ERR too-long");
  require_same("the answer to `SETB 17` and its bytes", ann.setb(std::string(17, 'x')), "ERR too-long");
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

KIT_CHECK(Session, ReadsByteByByte,
          .why = "TCP carries a stream of bytes: what a client sent at once may come in any pieces.",
          .hint = "A read gives what is there, and that may be half a line. The Parser keeps it: read "
                  "on until it has a whole command.",
          .function = "ring::Session::run") {
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
          .hint = "One read may bring many commands: ask Parser::next() until it has no more, and only "
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
  require_same("the answer to `GET 2`", ann.read_list(), "499 ann message 499 | 500 ann message 500");
}

KIT_CHECK(Session, TakesCommandsBehindHello,
          .why = "A program that knows what it wants sends all of it at once.",
          .hint = "What came with the HELLO line belongs to the conversation: carry out what is there "
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
          .hint = "The end of what the client sends is not the end of what it reads: answer what has "
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

KIT_CHECK(Session, StoresNoHalfBody,
          .why = "Half a message is not what the author said.",
          .hint = "Store a body when all of its bytes have come, and nothing when the connection ends first.",
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

KIT_CHECK(Session, KeepsNamesUnique,
          .why = "A message's author must be one client, not one of two.",
          .hint = "A name is taken from WELCOME until its client has gone. Who is denied gives back nothing.",
          .function = "ring::Guests::Seat::take_name") {
  const Server server = start_ring();
  RingPeer ann = come_in(server, "ann");
  for (int i = 0; i < 2; ++i) {
    RingPeer other(connect_to(server));
    other.greet();
    require_same("the answer to a second `HELLO ann`", other.hello("ann"), "DENIED name-taken");
    await("the server closes after DENIED", [&] { other.require_end(); });
  }
  come_in(server, "Ann").require_answer("SET one", "OK 1");
  require_same("what the first ann sees of `GET`", ann.get(), "1 Ann one");
}

KIT_CHECK(Session, FreesNames,
          .why = "A client that lost its connection wants to come back.",
          .hint = "Give the name back on whatever way the session ends: QUIT, the end of the stream, an error.",
          .function = "ring::Guests::Seat::leave") {
  const Server server = start_ring();
  set_function("ring::Session::run");
  come_in(server, "ann").quit();
  come_in_when_free(server, "ann", "DENIED name-taken");
  TcpPeer& closing = connect_to(server);
  RingPeer(closing).enter("bob");
  closing.close();
  come_in_when_free(server, "bob", "DENIED name-taken");
}

void require_denied(const Server& server, const std::string& line, const std::string& reason) {
  RingPeer peer(connect_to(server));
  peer.greet();
  await("`" + line + "` is answered", [&] { peer.require_answer(line, "DENIED " + reason); });
  await("the server closes after DENIED " + reason, [&] { peer.require_end(); });
}

KIT_CHECK(Session, DeniesBadHellos,
          .why = "Who does not keep to the protocol at the beginning will not do so later.",
          .hint = "Handshake::hello() judges the line. Send its denial, and close.",
          .function = "ring::Session::run") {
  const Server server = start_ring();
  for (const char* line : {"", "HELLO", "hello ann", "GET"}) require_denied(server, line, "bad-hello");
  for (const char* name : {"an/n", "\xc3\xa4nn", "123456789012345678901234567890123"}) {
    require_denied(server, std::string("HELLO ") + name, "bad-name");
  }
  come_in(server, "12345678901234567890123456789012");
}

KIT_CHECK(Session, DoesNothingBeforeHello,
          .why = "Who has not come in may not write.",
          .hint = "After DENIED nothing more is read or carried out. Until WELCOME nothing is a command.",
          .function = "ring::Session::run") {
  const Server server = start_ring();
  RingPeer early(connect_to(server));
  early.greet();
  early.send("SET early\nSET again\nHELLO ann\nSET late\n");
  early.require_line("the answer to a SET instead of HELLO", "DENIED bad-hello");
  await("the server closes after DENIED bad-hello", [&] { early.require_end(); });
  RingPeer bob = come_in(server, "bob");
  bob.require_answer("GET", "EMPTY");
  bob.require_answer("SET one", "OK 1");
}

KIT_CHECK(Session, DemandsTheProof,
          .why = "Only who knows the secret may come in.",
          .hint = "Give the server's secret to the Handshake of each connection.",
          .function = "ring::Session::run") {
  const Server server = start_ring({"--secret-file", write_file("secret", "open sesame\n")});
  RingPeer without(connect_to(server));
  without.greet();
  require_same("the answer to HELLO without a proof", without.hello("eve"), "DENIED bad-proof");
  await("the server closes after DENIED bad-proof", [&] { without.require_end(); });
  RingPeer wrong(connect_to(server));
  const std::string proof = make_proof("open sesam", wrong.greet());
  note_varying(proof);
  require_same("the answer to HELLO with the proof of another secret", wrong.hello("eve", proof),
               "DENIED bad-proof");
  await("the server closes after DENIED bad-proof", [&] { wrong.require_end(); });
  RingPeer ann(connect_to(server));
  ann.enter("ann", "open sesame");
  ann.require_answer("SET one", "OK 1");
}

KIT_CHECK(Session, RefusesAReplayedProof,
          .why = "Who listens on the network hears a proof. It must be worth nothing a second time.",
          .hint = "Each connection has a Handshake of its own, and so a nonce of its own.",
          .function = "ring::Session::run") {
  const Server server = start_ring({"--secret-file", write_file("secret", "open sesame")});
  RingPeer ann(connect_to(server));
  const std::string nonce = ann.greet();
  const std::string proof = make_proof("open sesame", nonce);
  note_varying(proof);
  number_of("WELCOME", ann.hello("ann", proof));
  RingPeer eve(connect_to(server));
  const bool is_new = eve.greet() != nonce;
  require_same("the answer to HELLO with the proof of the first connection", eve.hello("eve", proof),
               "DENIED bad-proof");
  require(is_new, "a new nonce for each connection", "the second connection got the first one's");
}

KIT_CHECK(Session, CutsASlowHandshake,
          .why = "Connections that never say hello would fill the server up.",
          .hint = "One deadline for the whole handshake, made at its beginning: not one for each read.",
          .function = "ring::Session::run") {
  constexpr int kTimeoutMs = 300;
  const Server server = start_ring({"--handshake-timeout-ms", std::to_string(kTimeoutMs)});
  RingPeer ann = come_in(server, "ann");
  const std::int64_t begin_ns = monotonic_ns();
  RingPeer silent(connect_to(server));
  silent.greet();
  await("a client that says nothing is answered DENIED timeout",
        [&] { silent.require_line("the answer to silence", "DENIED timeout"); });
  const std::int64_t passed_ms = (monotonic_ns() - begin_ns) / 1'000'000;
  require(passed_ms >= kTimeoutMs * 9 / 10, "DENIED timeout after " + std::to_string(kTimeoutMs) + " ms",
          "it came after " + varies(std::to_string(passed_ms)) + " ms");
  await("the server closes after DENIED timeout", [&] { silent.require_end(); });
  // Meanwhile ann was in and silent for as long.
  await("a client that is in may be silent for longer than the handshake may take",
        [&] { ann.require_answer("SET one", "OK 1"); });
}

KIT_CHECK(Session, CutsAHandshakeThatDrips,
          .why = "A client that sends a byte now and then holds a thread for ever.",
          .hint = "One deadline for the whole handshake, made at its beginning: a new one for each read "
                  "is put off by every byte.",
          .function = "ring::Session::run") {
  const Server server = start_ring({"--handshake-timeout-ms", "300"});
  TcpPeer& tcp = connect_quietly(server);
  RingPeer(tcp).greet();
  did("sent HELLO and then an 'x' every 50 ms, on a connection of its own");
  tcp.send_all("HELLO ", deadline());
  const Deadline patience = deadline().but_at_most_ms(deadline().remaining_ms() * 3 / 4);
  std::string answer;
  int bytes = 0;
  while (answer.find('\n') == std::string::npos && !patience.expired()) {
    try {
      tcp.send_all("x", deadline());
      ++bytes;
    } catch (const PeerReset&) {
      answer += tcp.read_for_ms(0);
      break;
    }
    answer += tcp.read_for_ms(50);
  }
  if (answer.empty()) {
    fail("DENIED timeout 300 ms after the greeting, however many bytes come",
         varies(std::to_string(bytes)) + " bytes later the server still waited for more");
  }
  require_same("the answer to a HELLO that does not end", answer, "DENIED timeout\n");
}

KIT_CHECK(Session, LivesWithShortReadsAndWrites,
          .why = "The kernel may move fewer bytes than you asked for, and a signal may interrupt it.",
          .hint = "Use what Stream::read_some() returns, and write with Stream::write_all(). Code of "
                  "your own for recv(2) and send(2) must go on after EINTR and after a short count.",
          .function = "ring::Session::run") {
  did("made half of the server's reads and writes short, and let one in five fail with EINTR first");
  StartOptions options;
  options.env = {{"KIT_PERTURB", std::to_string(seed()) + ":0"},
                 {"KIT_SHORT_IO", "50"},
                 {"KIT_EINTR", "20"}};
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
