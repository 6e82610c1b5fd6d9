#include "grader/dipc/daemons.h"

#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <set>
#include <system_error>

#include "grader/dipc/left_objects.h"
#include "grader/harness/check_context.h"
#include "grader/harness/process_tree.h"
#include "grader/harness/quote.h"
#include "grader/harness/stacks.h"
#include "grader/harness/tcp_socket.h"

namespace kit::dipc_lab {
namespace {

// How often it is looked whether orphans are to be taken in.
constexpr int kLookMs = 5;

// How long a daemon may take to end when that is not what is checked.
constexpr int kGraceMs = 3000;

// How long the kernel may take to end what was killed.
constexpr int kKillMs = 10'000;

// What is left of the deadline when a process is given up.
constexpr int kSpareMs = 300;

std::set<pid_t> own_programs() {
  std::set<pid_t> pids;
  for (Process* process : box().processes()) pids.insert(process->pid());
  return pids;
}

void send_to(const std::vector<pid_t>& pids, int signal) {
  for (const pid_t pid : pids) ::kill(pid, signal);
}

// A process of many threads looks dead as soon as its first thread is, and still has its files and
// its port until the last one is. Only then can it be taken in, and its number is free.
bool wait_until_gone(const std::vector<pid_t>& pids, Deadline until) {
  for (;;) {
    reap_daemons();
    const bool all_gone = std::all_of(
        pids.begin(), pids.end(), [](pid_t pid) { return ::kill(pid, 0) != 0 && errno == ESRCH; });
    if (all_gone || until.expired()) return all_gone;
    static_cast<void>(poll(nullptr, 0, 1));  // they are nobody's children that tell us
  }
}

void kill_daemons() {
  const Deadline patience = Deadline::after_ms(kKillMs);
  for (std::vector<pid_t> pids = daemons(); !pids.empty() && !patience.expired();
       pids = daemons()) {
    send_to(pids, SIGKILL);
    static_cast<void>(wait_until_gone(pids, patience));
  }
}

// Then what is there may be its.
bool any_own_program_runs() {
  const std::vector<Process*> processes = box().processes();
  return std::any_of(processes.begin(), processes.end(),
                     [](Process* process) { return process->running(); });
}

TcpPeer& connect(std::uint16_t port, std::deque<TcpPeer>& peers) {
  TcpOptions options;
  options.port = port;
  try {
    return peers.emplace_back(box().connect(options, deadline()), "dipc");
  } catch (const std::system_error& error) {
    fail("a connection to dipc on its port", error.code().message());
  }
}

std::string what_it_printed(const Ended& ended) {
  return ended.err.empty() ? "" : ", and \"" + shortened(ended.err) + "\" on standard error";
}

}  // namespace

std::uint16_t free_port() {
  remember_objects();
  const std::uint16_t port = local_port(box().listen({}).get());
  note_varying(std::to_string(port));
  return port;
}

Ended run_to_end(const std::string& program, const std::vector<std::string>& args,
                 std::uint16_t port) {
  std::string command = program;
  for (const std::string& arg : args) {
    command += ' ' + (arg == std::to_string(port) ? varies(arg) : arg);
  }
  did("ran " + command);
  return wait_for_end(box().start(program, args));
}

Ended wait_for_end(Process& process) {
  while (!process.wait(deadline().but_at_most_ms(kLookMs))) {
    reap_daemons();
    if (deadline().expired()) fail_hung_with_daemons(process.name() + " ends");
  }
  reap_daemons();
  const Exit exit = *process.wait(deadline());
  process.kill();  // it has ended; this takes in what is left of its output
  return {exit, process.out(), process.err()};
}

pid_t start_daemon(std::uint16_t port, Shape shape, const std::vector<std::string>& options) {
  remember_objects();
  const Ended ended = run_to_end("dipc", dipc_args(shape, port, options), port);
  require(ended.exit.clean(), "dipc ends with exit status 0, and its daemon serves",
          "it ended with " + render(ended.exit) + what_it_printed(ended));
  const std::vector<pid_t> found = daemons();
  if (found.empty()) {
    fail("dipc ends with exit status 0, and its daemon serves",
         "it ended with exit status 0, and left no process running");
  }
  return found.front();
}

DipcPeer client_of(std::uint16_t port) { return DipcPeer(connect(port, g_check->peers)); }

DipcPeer quiet_client_of(std::uint16_t port) {
  return DipcPeer(connect(port, g_check->quiet_peers));
}

void require_removed(std::uint16_t port) {
  const Ended ended = run_to_end("dipcrm", {std::to_string(port)}, port);
  require(ended.exit.clean(), "dipcrm ends with exit status 0",
          "it ended with " + render(ended.exit) + what_it_printed(ended));
  require(daemons().empty(), "when dipcrm ends, the server's process is gone", "it still runs");
  require_no_objects("when dipcrm has ended");
}

bool is_served(std::uint16_t port) {
  try {
    TcpOptions options;
    options.port = port;
    static_cast<void>(box().connect(options, deadline()));
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

std::vector<pid_t> daemons() {
  const std::set<pid_t> own = own_programs();
  std::vector<pid_t> found;
  for (const pid_t pid : descendants()) {
    if (own.count(pid) == 0) found.push_back(pid);
  }
  return found;
}

std::vector<pid_t> wait_for_daemons(std::size_t most, const std::string& expected) {
  for (;;) {
    std::vector<pid_t> found = daemons();
    if (found.size() <= most) return found;
    if (deadline().remaining_ms() < kSpareMs) {
      add_stacks_of_daemons();
      fail(expected, std::to_string(found.size()) + " processes still run", Status::kLeaked);
    }
    static_cast<void>(poll(nullptr, 0, kLookMs));  // they are nobody's children that tell us
  }
}

void stop_daemons() {
  const std::vector<pid_t> pids = daemons();
  send_to(pids, SIGTERM);
  const Deadline grace = Deadline::after_ms(static_cast<int>(kGraceMs * slowness()));
  if (!wait_until_gone(pids, grace)) {
    kill_daemons();
  }
  if (!any_own_program_runs()) static_cast<void>(take_left_objects());
}

void reap_daemons() { reap_orphans(own_programs()); }

void kill_everything() {
  for (Process* process : box().processes()) process->signal(SIGKILL);
  kill_daemons();
  for (Process* process : box().processes()) {
    if (!process->wait(deadline())) fail_not_gradable("a process cannot be killed");
  }
  kill_daemons();  // what the last of them had started
}

void add_stacks_of_daemons() {
  for (const pid_t pid : daemons()) {
    add_evidence("The threads of the daemon when the time was up:\n" +
                 varies(take_stacks(pid, config().own_code)));
  }
}

void fail_hung_with_daemons(const std::string& what) {
  add_stacks_of_daemons();
  fail_hung(what);
}

}  // namespace kit::dipc_lab
