// Step 4, the server: clients that misbehave beside others.
#include <optional>
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/holdings.h"
#include "grader/harness/stage.h"
#include "grader/harness/tcp_peer.h"
#include "grader/ring_buffer_server/ring_clients.h"
#include "grader/ring_buffer_server/ring_peer.h"

namespace kit::ring_lab {
namespace {

KIT_CHECK(Server, ServesClientsSideBySide,
          .why = "Most connections are idle most of the time. Nobody may wait for them.",
          .hint =
              "Each connection has a thread of its own, from the greeting on. accept() must not "
              "wait for anything that a client does.",
          .function = "ring::Server::serve") {
  const Server server = start_ring();
  TcpPeer& silent = connect_to(server);
  TcpPeer& half_hello = connect_to(server);
  half_hello.send_all("HELLO ha", deadline());
  TcpPeer& half_body = connect_to(server);
  RingPeer(half_body).enter("bob");
  half_body.send_all("SETB 5\nhe", deadline());
  RingPeer ann(connect_to(server));
  await("a client is served while three others have said nothing, half a HELLO and half a SETB",
        [&] {
          ann.enter("ann");
          ann.require_answer("SET one", "OK 1");
        });
  half_body.send_all("llo", deadline());
  RingPeer(half_body).require_line("the answer to SETB, when its body is complete", "OK 2");
  half_hello.send_all("lf\n", deadline());
  RingPeer half(half_hello);
  half.greet();
  number_of("WELCOME", half.read_line());
  RingPeer(silent).enter("late");
}

KIT_CHECK(Server, SlowReaderStopsNobody,
          .why = "One client on a bad line must not stop all the others.",
          .hint =
              "Which lock is held while the reply is sent? Take what you need under the lock, and "
              "send after it is released.",
          .function = "ring::Session::run") {
  const Server server = start_with_large_messages();
  block_a_reply(server, "slow");
  RingPeer ann = come_in(server, "ann");
  await("others are answered while one client does not read", [&] {
    for (int i = 1; i <= 30; ++i) {
      const std::string number = std::to_string(kLargeMessages + i);
      ann.require_answer("SET " + number, "OK " + number);
      require_same("the answer to `GET`", ann.get(), number + " ann " + number);
    }
  });
}

void break_off(const Server& server, const std::string& bytes, const std::string& when) {
  did("a client breaks off " + when);
  TcpPeer& tcp = connect_quietly(server);
  tcp.send_all(bytes, deadline());
  tcp.reset();
}

KIT_CHECK(Server, SurvivesClientsThatBreakOff,
          .why = "Clients crash and lines are cut. That may end their session, and nothing else.",
          .hint =
              "Writing to a connection that was reset raises SIGPIPE or fails: see MSG_NOSIGNAL in "
              "send(2). What is thrown on a session's thread must be caught there.",
          .function = "ring::Session::run") {
  const Server server = start_with_large_messages();
  TcpPeer& slow = block_a_reply(server, "slow");
  did("it closes its half of the connection, and then breaks the connection off");
  // In this order it is SIGPIPE that the server gets; without the half-close, only an error.
  slow.half_close();
  slow.reset();
  come_in_when_free(server, "slow", "DENIED name-taken", "soon after slow has broken off");
  break_off(server, "", "as soon as it is connected");
  break_off(server, "HELLO half", "in the middle of HELLO");
  TcpPeer& author = connect_quietly(server);
  RingPeer(author).enter("half");
  did("a client called half breaks off in the middle of the body of a SETB");
  author.send_all("SETB 100\nhalf", deadline());
  author.reset();
  come_in_when_free(server, "half", "DENIED name-taken", "soon after half has broken off");
  RingPeer ann = come_in(server, "ann");
  ann.require_answer("SET one", "OK 25");
}

KIT_CHECK(Server, TurnsAwayWhenFull,
          .why = "A limit keeps the server on its feet, and it is the limit that was asked for.",
          .hint =
              "Exactly --max-clients may be in at once. Who is turned away, and who has gone, "
              "takes no seat.",
          .function = "ring::Guests::take_seat") {
  const Server server = start_ring({"--max-clients", "3"});
  RingPeer denied(connect_to(server));
  denied.greet();
  require_same("the answer to `HELLO an/n`", denied.hello("an/n"), "DENIED bad-name");
  RingPeer ann = come_in(server, "ann");
  come_in(server, "bob");
  RingPeer cid = come_in_when_free(server, "cid", "DENIED full", "with two of three seats taken");
  for (int i = 0; i < 4; ++i) {
    RingPeer dan(connect_to(server));
    dan.greet();
    require_same("the answer to the fourth client of at most three", dan.hello("dan"),
                 "DENIED full");
    await("the server closes after DENIED full", [&] { dan.require_end(); });
  }
  ann.require_answer("SET one", "OK 1");
  cid.quit();
  RingPeer dan =
      come_in_when_free(server, "dan", "DENIED full", "soon after one of three has said QUIT");
  dan.require_answer("GET", "MSG 1 ann 3");
  dan.require_line("its body", "one");
}

KIT_CHECK(
    Server, LivesWithoutDescriptors,
    .why =
        "On a busy day a server runs out of descriptors. That passes when clients leave. One that "
        "asks again and again until then takes a processor from the clients that it has.",
    .hint =
        "When accept(2) fails with EMFILE, the listening socket stays readable, and poll(2) "
        "returns at once, each time. Leave it out of poll() for a while.",
    .function = "ring::Server::serve") {
  StartOptions start;
  start.descriptors = 40;
  const Server server = start_ring({}, start);
  RingPeer ann = come_in(server, "ann");
  did("ring_server may have 40 descriptors (RLIMIT_NOFILE), and 60 more clients connect");
  std::vector<TcpPeer*> crowd;
  for (int i = 0; i < 60; ++i) crowd.push_back(&connect_quietly(server));
  require_rest(server.process);
  ann.require_answer("SET one", "OK 1");
  did("the 60 leave, and another client comes");
  for (TcpPeer* client : crowd) client->close();
  wait_until_asleep(server);
  require_same("what bob sees of `GET`", come_in(server, "bob").get(), "1 ann one");
}

KIT_CHECK(
    Server, TellsWhatIsWrongAtTheStart,
    .why = "Who starts a server must see that it did not start, and why.",
    .hint =
        "Let the exception reach main(): it prints the message and returns a status that is not 0.",
    .function = "ring::Server::Server") {
  const Server first = start_ring();
  const std::vector<std::vector<std::string>> wrong = {
      {"--port", std::to_string(first.port)},
      {"--port", "70000"},
      {"--port", "http"},
      {"--port", "0", "--capacity", "0"},
      {"--port", "0", "--secret-file", "not-there"},
      {"--port", "0", "--no-such-option"}};
  note_varying(wrong[0][1]);
  for (const std::vector<std::string>& args : wrong) {
    std::string command = "ring_server";
    for (const std::string& arg : args) command += " " + arg;
    did("started " + command);
    Process& process = box().start("ring_server", args);
    const std::optional<Exit> exit = process.wait(deadline());
    if (!exit) fail_hung("`" + command + "` ends with a message");
    require(exit->signal == 0 && exit->status != 0,
            "`" + command + "` ends with an exit status that is not 0", render(*exit));
    require(!process.err().empty(), "`" + command + "` says on standard error what is wrong",
            "nothing");
  }
}

}  // namespace
}  // namespace kit::ring_lab
