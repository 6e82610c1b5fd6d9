// Step 4, the server: clients that misbehave beside others, and its end.
#include <signal.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/tcp_peer.h"
#include "grader/harness/tcp_socket.h"
#include "grader/ring_buffer_server/ring_clients.h"
#include "grader/ring_buffer_server/ring_peer.h"

namespace kit::ring_lab {
namespace {

// Together more than the kernel's buffers of a connection hold, however large they grow (tcp(7):
// tcp_wmem): a server that sends them to a client that does not read has to wait.
constexpr int kLargeMessages = 24;
constexpr std::size_t kLargeBytes = std::size_t{1} << 20;
constexpr int kSmallBufferBytes = 4096;

Server start_with_large_messages() {
  const Server server = start_ring({"--max-message", std::to_string(kLargeBytes), "--capacity",
                                    std::to_string(kLargeMessages)});
  did("stored " + std::to_string(kLargeMessages) + " messages of 1 MiB");
  RingPeer author(connect_quietly(server));
  author.enter("author");
  const std::string body(kLargeBytes, 'x');
  for (int i = 1; i <= kLargeMessages; ++i) {
    require_same("the answer to `SETB` of 1 MiB", author.setb(body), "OK " + std::to_string(i));
  }
  return server;
}

// A client that asks for all of it, sees that it begins to come, and reads no more.
TcpPeer& block_a_reply(const Server& server, const std::string& name) {
  const std::string count = std::to_string(kLargeMessages);
  did("a client called " + name + " sends `GET " + count +
      "`, reads the first line of the answer, and no more");
  TcpOptions options;
  options.receive_buffer_bytes = kSmallBufferBytes;
  TcpPeer& tcp = connect_quietly(server, options);
  RingPeer reader(tcp);
  reader.enter(name);
  reader.require_answer("GET " + count, "LIST " + count);
  return tcp;
}

KIT_CHECK(Server, ServesClientsSideBySide,
          .why = "Most connections are idle most of the time. Nobody may wait for them.",
          .hint = "Each connection has a thread of its own, from the greeting on. accept() must not "
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
  await("a client is served while three others have said nothing, half a HELLO and half a SETB", [&] {
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
          .hint = "Which lock is held while the reply is sent? Take what you need under the lock, and "
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
          .hint = "Writing to a connection that was reset raises SIGPIPE or fails: see MSG_NOSIGNAL in "
                  "send(2). What is thrown on a session's thread must be caught there.",
          .function = "ring::Session::run") {
  const Server server = start_with_large_messages();
  TcpPeer& slow = block_a_reply(server, "slow");
  did("it closes its half of the connection, and then breaks the connection off");
  // In this order it is SIGPIPE that the server gets; without the half-close, only an error.
  slow.half_close();
  slow.reset();
  come_in_when_free(server, "slow", "DENIED name-taken");
  break_off(server, "", "as soon as it is connected");
  break_off(server, "HELLO half", "in the middle of HELLO");
  TcpPeer& author = connect_quietly(server);
  RingPeer(author).enter("half");
  did("a client called half breaks off in the middle of the body of a SETB");
  author.send_all("SETB 100\nhalf", deadline());
  author.reset();
  come_in_when_free(server, "half", "DENIED name-taken");
  RingPeer ann = come_in(server, "ann");
  ann.require_answer("SET one", "OK 25");
}

KIT_CHECK(Server, TurnsAwayWhenFull,
          .why = "A limit keeps the server on its feet, and it is the limit that was asked for.",
          .hint = "Exactly --max-clients may be in at once. Who is turned away, and who has gone, takes no seat.",
          .function = "ring::Guests::take_seat") {
  const Server server = start_ring({"--max-clients", "3"});
  RingPeer denied(connect_to(server));
  denied.greet();
  require_same("the answer to `HELLO an/n`", denied.hello("an/n"), "DENIED bad-name");
  RingPeer ann = come_in(server, "ann");
  come_in(server, "bob");
  RingPeer cid = come_in_when_free(server, "cid", "DENIED full");
  for (int i = 0; i < 4; ++i) {
    TcpPeer& tcp = connect_to(server);
    RingPeer dan(tcp);
    dan.greet();
    try {
      dan.send("HELLO dan\n");
    } catch (const PeerReset&) {
      // Denied before it said its name. That was received, and can be read.
    }
    dan.require_line("the answer to the fourth client of at most three", "DENIED full");
    await("the server closes after DENIED full", [&] { dan.require_end(); });
  }
  ann.require_answer("SET one", "OK 1");
  cid.quit();
  RingPeer dan = come_in_when_free(server, "dan", "DENIED full");
  dan.require_answer("GET", "MSG 1 ann 3");
  dan.require_line("its body", "one");
}

KIT_CHECK(Server, TellsWhatIsWrongAtTheStart,
          .why = "Who starts a server must see that it did not start, and why.",
          .hint = "Let the exception reach main(): it prints the message and returns a status that is not 0.",
          .function = "ring::Server::Server") {
  const Server first = start_ring();
  const std::vector<std::vector<std::string>> wrong = {{"--port", std::to_string(first.port)},
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
    require(exit->signal == 0 && exit->status != 0, "`" + command + "` ends with an exit status that is not 0",
            render(*exit));
    require(!process.err().empty(), "`" + command + "` says on standard error what is wrong", "nothing");
  }
}

// --- The end.

KIT_CHECK(Server, EndsOnASignal,
          .why = "Who starts a server wants to stop it.",
          .hint = "serve() waits for two things at once, a connection and stop_fd: poll(2) does that, a "
                  "blocking accept() does not.",
          .function = "ring::Server::serve") {
  require_end(start_ring(), SIGTERM);
  require_end(start_ring(), SIGINT);
}

// Whether a server could bind the port now. Somebody else on this machine may have taken it.
bool is_free(std::uint16_t port) {
  try {
    TcpOptions options;
    options.port = port;
    listen_tcp(options);
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

KIT_CHECK(Server, EndsWithClientsConnected,
          .why = "Clients do not go away because the server wants to.",
          .hint = "A thread that waits in read_some() wakes when another one calls Stream::shutdown(): do "
                  "that for each connection, then join its thread.",
          .function = "ring::Server::serve") {
  const Server server = start_ring();
  std::vector<RingPeer> peers;
  for (int i = 0; i < 20; ++i) peers.push_back(come_in_quietly(server, "idle" + std::to_string(i)));
  did("20 clients are in, and idle");
  RingPeer(connect_to(server)).greet();
  TcpPeer& half_body = connect_to(server);
  RingPeer(half_body).enter("half");
  half_body.send_all("SETB 10\nhalf", deadline());
  require_end(server, SIGTERM);
  for (RingPeer& peer : peers) await("each connection ends", [&] { peer.require_end(); });
  if (!is_free(server.port)) return;
  note_varying(std::to_string(server.port));
  const Server next = start_server("ring_server", {"--port", std::to_string(server.port)});
  come_in(next, "ann").require_answer("GET", "EMPTY");
}

KIT_CHECK(Server, EndsWhileItSends,
          .why = "A client that does not read must not be able to keep the server from ending.",
          .hint = "A thread that waits in a write is woken by Stream::shutdown() as well. Does your "
                  "shutdown wait for a lock that it holds, or first send something itself?",
          .function = "ring::Server::serve") {
  const Server server = start_with_large_messages();
  block_a_reply(server, "slow");
  require_end(server, SIGTERM);
}

// Clients that store and fetch until the server ends the connection.
class Load {
 public:
  void run(RingPeer peer) {
    try {
      for (;;) {
        number_of("OK", peer.set("something"));
        note_stored();
        static_cast<void>(peer.list(3));
      }
    } catch (const PeerClosed&) {
    } catch (const PeerReset&) {
    }
  }

  // Waits until so many messages were stored.
  void wait_until(int stored) {
    std::unique_lock lock(mutex_);
    const auto time = std::chrono::milliseconds(deadline().remaining_ms());
    if (!more_.wait_for(lock, time, [&] { return stored_ >= stored; })) {
      fail_hung("the server stores " + std::to_string(stored) + " messages of six clients");
    }
  }

 private:
  void note_stored() {
    std::lock_guard lock(mutex_);
    ++stored_;
    more_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable more_;
  int stored_ = 0;  // guarded by mutex_
};

KIT_CHECK(Server, EndsUnderLoad,
          .why = "A server is stopped when it is busy, too.",
          .hint = "Sessions go on while the server ends: what they use must be there until their threads are joined.",
          .function = "ring::Server::serve") {
  constexpr int kClients = 6;
  const Server server = start_ring();
  did("six clients store and fetch without a pause");
  std::vector<RingPeer> peers;
  for (int i = 0; i < kClients; ++i) peers.push_back(come_in_quietly(server, "load" + std::to_string(i)));
  Load load;
  in_parallel(kClients + 1, [&](int i) {
    if (i < kClients) return load.run(peers[i]);
    load.wait_until(60);
    require_end(server, SIGTERM);
  });
}

}  // namespace
}  // namespace kit::ring_lab
