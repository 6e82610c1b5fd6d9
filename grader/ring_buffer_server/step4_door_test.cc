// Step 4, the door: who may come in, and how long it is held open.
#include <cstdint>
#include <string>

#include "grader/harness/check.h"
#include "grader/harness/stage.h"
#include "grader/harness/tcp_peer.h"
#include "grader/ring_buffer_server/ring_clients.h"
#include "grader/ring_buffer_server/ring_peer.h"

namespace kit::ring_lab {
namespace {

KIT_CHECK(
    Session, KeepsNamesUnique, .why = "A message's author must be one client, not one of two.",
    .hint =
        "A name is taken from WELCOME until its client has gone. Who is denied gives back nothing.",
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

KIT_CHECK(Session, FreesNames, .why = "A client that lost its connection wants to come back.",
          .hint =
              "Give the name back on whatever way the session ends: QUIT, the end of the stream, "
              "an error.",
          .function = "ring::Guests::Seat::leave") {
  const Server server = start_ring();
  set_function("ring::Session::run");
  come_in(server, "ann").quit();
  come_in_when_free(server, "ann", "DENIED name-taken", "soon after ann has said QUIT");
  TcpPeer& closing = connect_to(server);
  RingPeer(closing).enter("bob");
  closing.close();
  come_in_when_free(server, "bob", "DENIED name-taken", "soon after bob has closed the connection");
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
  for (const char* line : {"", "HELLO", "hello ann", "GET"})
    require_denied(server, line, "bad-hello");
  for (const char* name : {"an/n", "\xc3\xa4nn", "123456789012345678901234567890123"}) {
    require_denied(server, std::string("HELLO ") + name, "bad-name");
  }
  come_in(server, "12345678901234567890123456789012");
}

KIT_CHECK(
    Session, DoesNothingBeforeHello, .why = "Who has not come in may not write.",
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

KIT_CHECK(Session, DemandsTheProof, .why = "Only who knows the secret may come in.",
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

KIT_CHECK(
    Session, RefusesAReplayedProof,
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
  require_same("the answer to HELLO with the proof of the first connection",
               eve.hello("eve", proof), "DENIED bad-proof");
  require(is_new, "a new nonce for each connection", "the second connection got the first one's");
}

KIT_CHECK(
    Session, CutsASlowHandshake,
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
  require(passed_ms >= kTimeoutMs * 9 / 10,
          "DENIED timeout after " + std::to_string(kTimeoutMs) + " ms",
          "it came after " + varies(std::to_string(passed_ms)) + " ms");
  await("the server closes after DENIED timeout", [&] { silent.require_end(); });
  // Meanwhile ann was in and silent for as long.
  await("a client that is in may be silent for longer than the handshake may take",
        [&] { ann.require_answer("SET one", "OK 1"); });
}

KIT_CHECK(
    Session, CutsAHandshakeThatDrips,
    .why = "A client that sends a byte now and then holds a thread for ever.",
    .hint =
        "One deadline for the whole handshake, made at its beginning: a new one for each read "
        "is put off by every byte.",
    .function = "ring::Session::run") {
  constexpr int kBytes = 60;
  const Server server = start_ring({"--handshake-timeout-ms", "300"});
  TcpPeer& tcp = connect_quietly(server);
  RingPeer(tcp).greet();
  did("sent HELLO and then an 'x' every 50 ms, on a connection of its own");
  tcp.send_all("HELLO ", deadline());
  std::string answer;
  for (int bytes = 0; bytes < kBytes && answer.find('\n') == std::string::npos; ++bytes) {
    try {
      tcp.send_all("x", deadline());
    } catch (const PeerReset&) {
      bytes = kBytes;  // closed; what it said before that can still be read
    }
    answer += tcp.read_for_ms(50);
  }
  if (answer.empty()) {
    fail("DENIED timeout 300 ms after the greeting, however many bytes come",
         std::to_string(kBytes) + " bytes later the server still waited for more");
  }
  require_same("the answer to a HELLO that does not end", answer, "DENIED timeout\n");
}

}  // namespace
}  // namespace kit::ring_lab
