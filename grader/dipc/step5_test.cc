// Step 5, the daemon: how it starts, and what it leaves behind at the start.
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "grader/dipc/daemons.h"
#include "grader/dipc/dipc_peer.h"
#include "grader/dipc/left_objects.h"
#include "grader/dipc/running_dipc.h"
#include "grader/harness/check.h"
#include "grader/harness/process_tree.h"
#include "grader/harness/quote.h"

namespace kit::dipc_lab {
namespace {

namespace fs = std::filesystem;

KIT_CHECK(Daemon, ServesInTheBackground,
          .why = "Who starts a server wants the prompt back, and the server to stay.",
          .hint =
              "Launch::detach() returns in two processes. One waits for the other's report and is "
              "the exit status; the other one serves.",
          .function = "dipc::Launch::detach") {
  const DaemonsEnd end;
  const std::uint16_t port = free_port();
  start_daemon(port);
  DipcPeer ann = client_of(port);
  ann.require_write(1, "hello");
  ann.require_read(1, "hello");
  client_of(port).require_read(1, "hello");
}

KIT_CHECK(Daemon, IsReadyWhenItReturns,
          .why =
              "A script starts the server and, on the next line, a client. Nobody wants to write "
              "`sleep 1` between them and hope.",
          .hint =
              "The process that was started ends only after the daemon has bound its port and "
              "listens: a pipe tells it when.",
          .function = "dipc::Launch::await_report") {
  constexpr int kStarts = 50;
  const DaemonsEnd end;
  const std::uint16_t port = free_port();
  did("fifty times: started dipc, connected at once when it had ended with status 0, and stopped "
      "its daemon with SIGTERM");
  // Random delays, at bind() and listen() too: who says that he is ready before he is, is found
  // out.
  StartOptions options;
  options.env["KIT_PERTURB"] = std::to_string(seed()) + ":20000";
  for (int i = 0; i < kStarts; ++i) {
    Process& dipc = box().start("dipc", dipc_args({1, 1, 1}, port), options);
    const std::optional<Exit> exit = dipc.wait(deadline());
    const bool is_ready = exit && is_served(port);
    if (!exit) fail_hung_with_daemons("dipc ends, and its daemon serves");
    require(exit->clean(), "dipc ends with exit status 0", "it ended with " + render(*exit));
    require(is_ready, "a client can connect as soon as dipc has ended with status 0",
            "nobody listens on the port yet");
    stop_daemons();
  }
}

std::string link_of(pid_t pid, const std::string& name) {
  std::error_code ignored;
  return fs::read_symlink("/proc/" + std::to_string(pid) + "/" + name, ignored);
}

KIT_CHECK(
    Daemon, LeavesItsTerminal,
    .why =
        "A daemon that keeps the terminal dies when the window is closed, and `ssh host "
        "dipc ...` never comes back.",
    .hint =
        "setsid(2) makes a session of its own, without a terminal. dup2(2) points descriptors "
        "0, 1 and 2 to /dev/null.",
    .function = "dipc::Launch::detach") {
  const DaemonsEnd end;
  const std::uint16_t port = free_port();
  const pid_t daemon = start_daemon(port);
  const std::vector<std::string> fields = stat_fields(daemon);
  require(fields.size() > 4, "the daemon runs", "it has ended");
  const std::string session_of_dipc = std::to_string(box().processes().back()->pid());
  require(fields[3] != session_of_dipc, "the daemon is in a session of its own",
          "it is still in the session of the program that was started");
  require(fields[4] == "0", "the daemon has no terminal", "it still has one");
  constexpr std::array<const char*, 3> kStreams = {"standard input", "standard output",
                                                   "standard error"};
  for (int fd = 0; fd < 3; ++fd) {
    const std::string target = link_of(daemon, "fd/" + std::to_string(fd));
    require(target == "/dev/null", std::string("the daemon's ") + kStreams[fd] + " is /dev/null",
            target.empty() ? "it is closed: the next file that is opened gets its number"
                           : "it is " + varies(target));
  }
}

KIT_CHECK(Daemon, KeepsNoFolderBusy,
          .why = "The file system of a daemon's working directory cannot be unmounted.",
          .hint = "chdir(\"/\"), after whatever name on the command line was relative is open.",
          .function = "dipc::Launch::detach") {
  const DaemonsEnd end;
  const std::uint16_t port = free_port();
  const pid_t daemon = start_daemon(port, {}, {"--log", "dipc.log"});
  const std::string folder = link_of(daemon, "cwd");
  require(folder == "/", "the daemon's working directory is /", "it is " + varies(folder));
  require(fs::exists(box().folder() + "/dipc.log"),
          "`--log dipc.log` is in the folder where dipc was started", "there is no such file");
}

// The names of processes that have ended and that this daemon has not asked about.
std::vector<pid_t> zombies_of(pid_t parent) {
  std::vector<pid_t> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::vector<std::string> fields = stat_fields(std::stoi(name));
    if (fields.size() > 1 && fields[0] == "Z" && fields[1] == std::to_string(parent)) {
      found.push_back(std::stoi(name));
    }
  }
  return found;
}

KIT_CHECK(Daemon, LeavesNoZombie,
          .why =
              "A child that has ended and that nobody asks about (waitpid) keeps its place in the "
              "process table: `ps` shows it as <defunct>.",
          .hint =
              "Who forks and goes on waits for its child. Forking twice, with the process between "
              "ending at once, makes the daemon a child of init.",
          .function = "dipc::Launch::detach") {
  const DaemonsEnd end;
  const std::uint16_t port = free_port();
  start_daemon(port);
  client_of(port).require_read(0, "");
  const std::vector<pid_t> running = wait_for_daemons(1, "one process is left, the server");
  require(!running.empty(), "one process is left, the server", "none is");
  require(zombies_of(running[0]).empty(), "the daemon has no child that it did not ask about",
          "it has one (<defunct>)");
}

KIT_CHECK(Daemon, WritesALog,
          .why = "A daemon has no terminal. What it has to say must be found somewhere.",
          .hint =
              "Open the file of --log before the daemon leaves its folder, and write a line when "
              "it starts and when it ends. Append: the log of yesterday is worth keeping.",
          .function = "dipc::Log::write") {
  const DaemonsEnd end;
  const std::uint16_t port = free_port();
  const std::string path = box().folder() + "/dipc.log";
  {
    std::ofstream before(path);
    before << "yesterday\n";
  }
  did("dipc.log holds the line \"yesterday\"");
  start_daemon(port, {}, {"--log", "dipc.log"});
  stop_daemons();
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  require(text.rfind("yesterday\n", 0) == 0, "the log begins with what was in the file",
          "it begins with " + varies(in_quotes(text.substr(0, 40))));
  require(text.size() > 10, "the log has a new line", "nothing was added to the file");
}

KIT_CHECK(Daemon, LivesWithAFullDisk,
          .why = "A log that cannot be written must not take the clients' mailboxes with it.",
          .hint =
              "write(2) to the log may fail (ENOSPC; /dev/full plays the full disk). The line is "
              "lost, as log.h says, and nothing else happens.",
          .function = "dipc::Log::write") {
  const DaemonsEnd end;
  const std::uint16_t port = free_port();
  start_daemon(port, {}, {"--log", "/dev/full"});
  DipcPeer ann = client_of(port);
  ann.require_write(0, "hello");
  ann.require_read(0, "hello");
  DipcPeer(client_of(port)).tcp().reset();
  ann.require_read(0, "hello");
}

}  // namespace
}  // namespace kit::dipc_lab
