// Step 5, dipcrm: it stops a server, clears up after a dead one, and harms nobody else.
#include <signal.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "grader/dipc/busy_clients.h"
#include "grader/dipc/daemons.h"
#include "grader/dipc/dipc_peer.h"
#include "grader/dipc/left_objects.h"
#include "grader/dipc/running_dipc.h"
#include "grader/harness/check.h"
#include "grader/harness/quote.h"

namespace kit::dipc_lab {
namespace {

KIT_CHECK(Removal, StopsTheServer,
          .why =
              "When dipcrm has returned, the next dipc on that port must start. So it waits until "
              "the server is gone, and does not only send the signal.",
          .hint =
              "The store says who the server is. Signal it, then wait until it has ended "
              "(pidfd_open(2) and poll(2)), then look whether anything is left.",
          .function = "dipc::remove_server") {
  const DaemonsEnd end;
  const std::uint16_t port = free_port();
  for (int i = 0; i < 5; ++i) {
    forget_did();
    start_daemon(port);
    DipcPeer ann = quiet_client_of(port);
    ann.require_read(0, "");
    ann.tcp().close();
    DipcPeer ben = quiet_client_of(port);  // who stays: the server takes its time to end
    ben.require_read(0, "");
    require_removed(port);
    require(!is_served(port), "nobody listens on the port when dipcrm has ended", "somebody does");
  }
}

KIT_CHECK(Removal, StopsAServerInTheForeground,
          .why = "A server is a server, wherever it was started.",
          .hint = "The store of the port says who the server is; nothing depends on the daemon.",
          .function = "dipc::remove_server") {
  RunningDipc dipc;
  const Ended removed = run_to_end("dipcrm", {std::to_string(dipc.port())}, dipc.port());
  require(removed.exit.clean(), "dipcrm ends with exit status 0",
          render(removed.exit) + ": " + shortened(removed.err));
  const std::optional<Exit> exit = dipc.process().wait(deadline());
  require(exit && exit->clean(), "the server ends with exit status 0",
          exit ? render(*exit) : "it goes on");
  require_no_objects("when dipcrm has ended");
}

KIT_CHECK(
    Removal, LeavesOtherServersAlone, .why = "Only the server of that port was meant.",
    .hint = "Everything that dipcrm does begins with the store of its port, and with nothing else.",
    .function = "dipc::remove_server") {
  const DaemonsEnd end;
  const std::uint16_t port = free_port();
  start_daemon(port);
  RunningDipc other;
  DipcPeer bob = other.client();
  bob.require_write(0, "precious");
  const Ended removed = run_to_end("dipcrm", {std::to_string(port)}, port);
  require(removed.exit.clean(), "dipcrm ends with exit status 0", render(removed.exit));
  require(!is_served(port), "the server of that port has ended", "it still serves");
  bob.require_read(0, "precious");
  other.client().require_read(0, "precious");
}

KIT_CHECK(Removal, TellsThatNobodyIsThere, .why = "A wrong port must not look like success.",
          .hint = "No object of that port: say so on standard error, and exit with status 1.",
          .function = "dipc::remove_server") {
  const DaemonsEnd end;
  const std::uint16_t port = free_port();
  const auto require_told = [&] {
    const Ended ended = run_to_end("dipcrm", {std::to_string(port)}, port);
    require(ended.exit.signal == 0 && ended.exit.status == 1, "dipcrm ends with exit status 1",
            "it ended with " + render(ended.exit));
    require(!ended.err.empty(), "a message on standard error", "there is none");
  };
  require_told();
  start_daemon(port);
  require_removed(port);
  require_told();
}

KIT_CHECK(Removal, RefusesBadArguments, .why = "`dipcrm 5oo07` must not stop the server of port 5.",
          .hint = "One argument, digits only, from 1 to 65535. Anything else: a message, status 1.",
          .function = "main") {
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{}, {"port"}, {"0"}, {"65536"}, {"5oo07"}, {""}, {"1", "2"}}) {
    forget_did();
    const Ended ended = run_to_end("dipcrm", args);
    require(ended.exit.signal == 0 && ended.exit.status == 1, "dipcrm ends with exit status 1",
            "it ended with " + render(ended.exit));
    require(!ended.err.empty(), "a message on standard error", "there is none");
  }
}

KIT_CHECK(Removal, ClearsUpAfterAKilledServer,
          .why =
              "A server that was killed with SIGKILL removes nothing. Somebody must be able to do "
              "it without a restart of the machine.",
          .hint =
              "When the store's owner is dead, there is nobody to signal: remove what it left, and "
              "that is success.",
          .function = "dipc::remove_server") {
  const DaemonsEnd end;
  const std::uint16_t port = free_port();
  start_daemon(port);
  DipcPeer ann = client_of(port);
  ann.require_write(0, "hello");
  did("the server is killed with SIGKILL");
  kill_everything();
  require_removed(port);
  const Ended again = run_to_end("dipcrm", {std::to_string(port)}, port);
  require(again.exit.status == 1, "a second dipcrm finds nothing: exit status 1",
          render(again.exit));
}

KIT_CHECK(Removal, MayBeLeftToTheNextStart,
          .why = "After a crash the server is simply started again.",
          .hint =
              "An object whose owner is dead is replaced. The port may still have connections of "
              "the dead one: SO_REUSEADDR (socket(7)).",
          .function = "dipc::MailboxStore::create") {
  const DaemonsEnd end;
  const std::uint16_t port = free_port();
  for (int i = 0; i < 3; ++i) {
    start_daemon(port);
    DipcPeer ann = quiet_client_of(port);
    ann.require_read(0, "");
    ann.require_write(0, "from before");
    quiet_client_of(port).send("w 1 100\nhalf");
    did("a client writes to mailbox 0, and the server is killed with SIGKILL");
    kill_everything();
  }
  start_daemon(port, {8, 2, 2});
  client_of(port).require_read(0, "");
  client_of(port).require_write(7, "works");
  require_removed(port);
}

KIT_CHECK(Removal, GivesClientsACleanEnd,
          .why =
              "A client whose write was under way must know what became of it: an answer, or the "
              "end of the connection in order. A reset throws answers away that were sent already.",
          .hint =
              "Finish what was received whole, answer it, then end the stream (shutdown(2), "
              "SHUT_WR) and read on until the client closes: to close with bytes unread is a "
              "reset.",
          .function = "dipc::Server::serve") {
  const DaemonsEnd end;
  const std::uint16_t port = free_port();
  start_daemon(port);
  std::vector<DipcPeer> peers;
  for (const char* half : {"w 0 10\nhalf", "w 0\n", "w 1", "", "w 0 500\n"}) {
    peers.push_back(client_of(port));
    peers.back().require_read(0, "");
    peers.back().send(half);
  }
  require_removed(port);
  for (DipcPeer& peer : peers) peer.require_clean_end("when it ends");
}

KIT_CHECK(Removal, StopsABusyServer,
          .why = "dipcrm is called while clients are in the middle of a write, of course.",
          .hint =
              "The signal wakes the thread that accepts; it wakes the others; each finishes what "
              "it does, and is joined. No thread may wait for a client for ever.",
          .function = "dipc::Server::serve") {
  constexpr int kClients = 6;
  const DaemonsEnd end;
  const std::uint16_t port = free_port();
  start_daemon(port);
  std::vector<DipcPeer> peers;
  for (int i = 0; i < kClients; ++i) peers.push_back(quiet_client_of(port));
  did("six clients write to mailbox 0 and read it without a pause");
  stop_while_busy(peers, [&] { require_removed(port); });
}

// Puts `after` in the place of each `before` among the numbers at the beginning of a file.
void replace_numbers(const std::string& path, std::int32_t before, std::int32_t after) {
  constexpr std::size_t kHeaderBytes = 4096;
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  std::string bytes(kHeaderBytes, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  file.clear();
  for (std::size_t at = 0; at + sizeof before <= bytes.size(); at += sizeof before) {
    if (std::memcmp(bytes.data() + at, &before, sizeof before) != 0) continue;
    file.seekp(static_cast<std::streamoff>(at));
    file.write(reinterpret_cast<const char*>(&after), sizeof after);
  }
}

constexpr int kMomentMs = 1000;

KIT_CHECK(Removal, KillsNoStranger,
          .why =
              "A process id is given to somebody else after its process has ended. The number that "
              "a dead server left in its store may be anybody's by now.",
          .hint =
              "Compare the start time, too (is_alive()), and send the signal to a pidfd, which "
              "stands for one process. An object whose file lock can be had has no living owner.",
          .function = "dipc::remove_server") {
  const DaemonsEnd end;
  const std::uint16_t port = free_port();
  const pid_t daemon = start_daemon(port);
  client_of(port).require_write(0, "hello");
  did("the server is killed with SIGKILL");
  kill_everything();
  RunningDipc stranger;
  DipcPeer bob = stranger.client();
  did("its process id now belongs to another process: the one of the other server");
  for (const std::string& file : object_files()) {
    if (file.find(std::to_string(port)) == std::string::npos) continue;
    replace_numbers(file, daemon, stranger.process().pid());
  }
  const Ended removed = run_to_end("dipcrm", {std::to_string(port)}, port);
  // Who was told to end takes a moment for it.
  const bool has_ended = stranger.process().wait(Deadline::after_ms(kMomentMs)).has_value();
  require(!has_ended, "dipcrm does nothing to that process", "it ended it");
  require(removed.exit.clean(), "dipcrm removes what the killed server left: exit status 0",
          render(removed.exit) + ": " + shortened(removed.err));
  bob.require_write(0, "still here");
  bob.require_read(0, "still here");
}

}  // namespace
}  // namespace kit::dipc_lab
