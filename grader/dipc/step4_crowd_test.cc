// Step 4, many clients: at once, and one after the other.
#include <optional>
#include <string>
#include <vector>

#include "grader/dipc/dipc_peer.h"
#include "grader/dipc/running_dipc.h"
#include "grader/dipc/stamped_blocks.h"
#include "grader/harness/check.h"
#include "grader/harness/holdings.h"
#include "grader/harness/quote.h"
#include "grader/harness/rounds.h"
#include "grader/harness/stage.h"

namespace kit::dipc_lab {
namespace {

KIT_CHECK(Server, ServesManyClientsAtOnce,
          .why = "Each client has a thread of its own, so none waits for another one to finish.",
          .hint =
              "accept() in a loop; hand each connection to a new thread and go on at once. How "
              "long is the listen(2) queue?",
          .function = "dipc::Server::serve") {
  constexpr int kClients = 64;
  RunningDipc dipc;
  std::vector<DipcPeer> peers;
  for (int i = 0; i < kClients; ++i) peers.push_back(dipc.quiet_client());
  did("64 clients are connected; the last one speaks first");
  for (int i = kClients - 1; i >= 0; --i) {
    await("client " + std::to_string(i) + " is answered", [&] {
      peers[i].require_write(i % 4, "client " + std::to_string(i));
      peers[i].require_read(i % 4, "client " + std::to_string(i));
    });
  }
}

KIT_CHECK(Server, HalfADatagramStopsNobody,
          .why = "A client that stops in the middle keeps its own thread waiting, and nobody else.",
          .hint =
              "Hold no lock while you receive. First all of the data, then the lock, then the "
              "mailbox.",
          .function = "dipc::Connection::run") {
  RunningDipc dipc;
  DipcPeer ann = dipc.client();
  ann.require_write(0, "before");
  std::vector<DipcPeer> half;
  for (const char* start : {"w 0 10\n12345", "w 0\n", "w 0", "r", "w 0 2000\nx"}) {
    half.push_back(dipc.client());
    half.back().send(start);
  }
  ann.require_read(0, "before");
  ann.require_write(0, "after");
  ann.require_read(0, "after");
  half[0].send("67890");
  half[0].require_next("the other half of connection 2's write", "ok 0");
  ann.require_read(0, "1234567890");
}

KIT_CHECK(Server, SlowReaderStopsNobody,
          .why =
              "A client that asks for a large mailbox and does not read the answer must not lock "
              "the mailbox for all the others.",
          .hint =
              "Copy the data under the lock, let go of the lock, then send. send(2) blocks for as "
              "long as the client likes.",
          .function = "dipc::Connection::run") {
  // More than the kernel's buffers of a connection take, however large these grow (tcp(7)).
  constexpr int kKbytes = 20 * 1024;
  RunningDipc dipc({2, kKbytes, kKbytes}, {"--lock-timeout-ms", "2000"});
  DipcPeer ann = dipc.quiet_client();
  did("a client fills mailbox 0 with 20 MiB; another one sends `r 0`, reads the first line of the "
      "answer, and no more");
  ann.require_write(0, std::string(std::size_t{kKbytes} * 1024, 'x'));
  TcpOptions options;
  options.receive_buffer_bytes = 4096;
  DipcPeer slow = dipc.quiet_client(options);
  slow.send("r 0\n");
  require_same("the first line", slow.tcp().read_line(deadline()),
               "ok " + std::to_string(kKbytes * 1024));
  DipcPeer bob = dipc.client();
  bob.require_write(0, "short");
  bob.require_read(0, "short");
  bob.require_read(1, "");
}

KIT_CHECK(Server, TellsThatTheLockWasNotHad,
          .why =
              "Who waits for a lock that is not let go waits for --lock-timeout-ms, is told so, "
              "and can do something else.",
          .hint =
              "Ask for the lock with a deadline, answer `err timeout` when it was not had, and go "
              "on with the next line.",
          .function = "dipc::Mailboxes::write") {
  constexpr int kTimeoutMs = 200;
  RunningDipc dipc({}, {"--lock-timeout-ms", std::to_string(kTimeoutMs)});
  DipcPeer ann = dipc.client();
  ann.require_write(0, "before");
  did("another process that has opened the store holds the lock of mailbox 0 for writing");
  Process& holder =
      box().start("lock_holder_probe", {std::to_string(dipc.port()), std::to_string(0)});
  require(holder.wait_for_out("holds\n", deadline()),
          "MailboxStore::open() and FairLock::lock_exclusive() work on the server's store",
          "they did not: \"" + shortened(holder.out() + holder.err()) + "\"");
  const std::int64_t begin_ns = monotonic_ns();
  ann.require_answer("r 0", "err timeout");
  const std::int64_t passed_ms = (monotonic_ns() - begin_ns) / 1'000'000;
  require(passed_ms >= kTimeoutMs * 3 / 4,
          "`err timeout` after " + std::to_string(kTimeoutMs) + " ms",
          "it came after " + varies(std::to_string(passed_ms)) + " ms");
  ann.send(exact_write(0, "never"));
  ann.require_next("a write to the locked mailbox", "err timeout");
  ann.require_write(1, "free");
  did("that process lets go");
  holder.close_in();
  require(holder.wait(deadline()).has_value(), "it ends", "it does not");
  ann.require_read(0, "before");
  ann.require_write(0, "after");
  dipc.client().require_read(0, "after");
}

KIT_CHECK(Server, SurvivesClientsThatBreakOff,
          .why = "Clients are killed in the middle of anything. The server is everybody else's.",
          .hint =
              "A write to a client that has gone raises SIGPIPE, which ends the process "
              "(MSG_NOSIGNAL). An exception that leaves a thread's function ends it too.",
          .function = "dipc::Connection::run") {
  constexpr int kKbytes = 512;
  constexpr int kClients = 20;
  RunningDipc dipc({2, kKbytes, kKbytes});
  dipc.quiet_client().require_write(0, long_text(std::size_t{kKbytes} * 1024));
  did("20 clients ask for 512 KiB eight times and break off without reading, 20 others in the "
      "middle of a write");
  std::string requests;
  for (int i = 0; i < 8; ++i) requests += "r 0\n";
  for (int i = 0; i < kClients; ++i) {
    DipcPeer reader = dipc.quiet_client();
    reader.send(requests);
    static_cast<void>(reader.tcp().read_exact(1, deadline()));  // the answers have begun to come
    // A reset alone is ECONNRESET for whoever writes. After the end of the client's stream, it is
    // EPIPE, and SIGPIPE with it.
    if (i % 3 == 0) reader.tcp().half_close();
    i % 3 == 2 ? reader.tcp().close() : reader.tcp().reset();
    DipcPeer writer = dipc.quiet_client();
    writer.send("w 1 1000\n123");
    writer.tcp().reset();
  }
  DipcPeer ann = dipc.client();
  ann.require_read(1, "");
  ann.require_write(1, "still here");
  ann.require_read(1, "still here");
}

// Short reads and writes, and interrupted calls, are the legal surprises of I/O.
KIT_CHECK(Server, LivesWithShortReadsAndWrites,
          .why = "read(2) and write(2) may move fewer bytes than asked for, at any time.",
          .hint =
              "Send in a loop until all is sent, receive in a loop until all has come, and begin "
              "an interrupted call (EINTR) again.",
          .function = "dipc::Connection::run") {
  StartOptions start;
  start.env["KIT_SHORT_IO"] = "60";
  start.env["KIT_EINTR"] = "20";
  RunningDipc dipc({2, 64, 64}, {}, start);
  DipcPeer ann = dipc.quiet_client();
  did("the server's reads and writes move fewer bytes than asked for, and are interrupted");
  for (const std::size_t size : {1, 100, 5000, 65536}) {
    const std::string text = long_text(size);
    ann.require_write(0, text);
    ann.require_read(0, text);
  }
}

KIT_CHECK(Server, TearsNoBlock,
          .why =
              "Whoever reads sees one write or another, whole: never the beginning of one and the "
              "end of the next.",
          .hint =
              "Writing takes the mailbox's lock exclusively, reading takes it shared, both for as "
              "long as bytes are copied, and the length belongs to the data.",
          .function = "dipc::Mailboxes::read") {
  constexpr int kWriters = 3;
  constexpr int kReaders = 4;
  const int calls = config().mode == Mode::kPlain ? 150 : 40;
  for_each_round([&](const Round& round) {
    RunningDipc dipc({1, 160, 160}, {}, round.start);
    did("three clients write blocks of up to 160 KiB to mailbox 0, over and over, and four read "
        "it");
    std::vector<DipcPeer> peers;
    for (int i = 0; i < kWriters + kReaders; ++i) peers.push_back(dipc.quiet_client());
    in_parallel(kWriters + kReaders, [&](int i) {
      for (int n = 0; n < calls; ++n) {
        if (i < kWriters) {
          require_same("the answer to a write", peers[i].write(0, stamped_block(i, n)), "ok 0");
        } else {
          require_whole_block(peers[i].read(0));
        }
      }
    });
  });
}

KIT_CHECK(Server, KeepsMailboxesApartInACrowd,
          .why = "Clients that use different mailboxes have nothing to do with each other.",
          .hint = "What do connections share beside the mailboxes: a buffer, a parser, a length?",
          .function = "dipc::Connection::run") {
  constexpr int kClients = 8;
  const int calls = config().mode == Mode::kPlain ? 100 : 30;
  for_each_round([&](const Round& round) {
    RunningDipc dipc({kClients, 160, 160}, {}, round.start);
    did("eight clients write and read a mailbox each, all at once");
    std::vector<DipcPeer> peers;
    for (int i = 0; i < kClients; ++i) peers.push_back(dipc.quiet_client());
    in_parallel(kClients, [&](int i) {
      for (int n = 0; n < calls; ++n) {
        const std::string block = stamped_block(i, n);
        require_same("the answer to a write", peers[i].write(i, block), "ok 0");
        require_same("what the client then reads", peers[i].read(i), holding(block));
      }
    });
  });
}

constexpr int kVisitors = 200;

KIT_CHECK(
    Server, GivesBackWhatClientsCost,
    .why = "A server runs for months. What one connection leaves behind, a million multiply.",
    .hint =
        "When a connection ends: its descriptor is closed, its thread joined or detached (one "
        "that is neither keeps its stack), its entry taken out of every list.",
    .function = "dipc::Server::serve") {
  RunningDipc dipc;
  DipcPeer ann = dipc.quiet_client();
  ann.require_write(0, "hello");
  const Holdings before = holdings_of(dipc.server());
  did("200 clients came and left, one after the other, each in one of four ways");
  for (int i = 0; i < kVisitors; ++i) {
    DipcPeer visitor = dipc.quiet_client();
    visitor.require_read(0, "hello");
    if (i % 4 == 0) visitor.send("q\n");
    if (i % 4 == 1) visitor.send("w 0 10\nhalf");
    i % 4 == 2 ? visitor.tcp().reset() : visitor.tcp().close();
  }
  // The stack of a thread that nobody joined is two areas of memory.
  require_back(dipc.server(), before, {.mappings = kVisitors});
  ann.require_read(0, "hello");
}

KIT_CHECK(
    Server, LivesWithoutDescriptors,
    .why =
        "On a busy day a server runs out of descriptors. That passes when clients leave. One that "
        "asks again and again until then takes a processor from the clients that it has.",
    .hint =
        "When accept(2) fails with EMFILE, the listening socket stays readable, and poll(2) "
        "returns at once, each time. Leave it out of poll() for a while.",
    .function = "dipc::Server::serve") {
  StartOptions start;
  start.descriptors = 40;
  RunningDipc dipc({}, {}, start);
  DipcPeer ann = dipc.client();
  ann.require_write(0, "hello");
  did("dipc may have 40 descriptors (RLIMIT_NOFILE), and 60 more clients connect");
  std::vector<DipcPeer> crowd;
  for (int i = 0; i < 60; ++i) crowd.push_back(dipc.quiet_client());
  require_rest(dipc.process());
  ann.require_read(0, "hello");
  did("the 60 leave, and another client comes");
  for (DipcPeer& peer : crowd) peer.tcp().close();
  wait_until_asleep(dipc.server());
  dipc.client().require_read(0, "hello");
}

}  // namespace
}  // namespace kit::dipc_lab
