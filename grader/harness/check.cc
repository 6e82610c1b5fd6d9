#include "grader/harness/check.h"

#include <exception>
#include <system_error>

#include "grader/harness/check_context.h"
#include "grader/harness/quote.h"
#include "grader/harness/scenario.h"
#include "grader/harness/stacks.h"
#include "grader/harness/tcp_peer.h"
#include "grader/harness/waits.h"

namespace kit {

CheckContext* g_check = nullptr;

namespace {

// Bounded: a check that runs for a minute has done more than a person reads.
constexpr std::size_t kMaxDidBytes = 8192;

constexpr int kAfterStreamsMs = 500;
constexpr std::size_t kMaxLineBytes = 200;

void note(Status status, const std::string& expected, const std::string& observed) {
  std::lock_guard lock(g_check->mutex);
  if (g_check->finding) return;
  Finding finding;
  finding.status = status;
  finding.expected = expected;
  finding.observed = observed;
  g_check->finding = finding;
}

// Where everybody is, as long as the connections are still open.
void note_hung(const std::string& expected, const std::string& observed) {
  Deadlock deadlock;
  for (Process* process : g_check->box->processes()) {
    if (!process->running()) continue;
    const Waits before = read_waits(process->pid());
    const Stacks stacks = read_stacks(process->pid(), g_check->config.own_code);
    add_evidence("The threads of " + process->name() + " when the time was up:\n" +
                 varies(render(stacks)));
    if (deadlock.circle.empty())
      deadlock = find_deadlock(stacks, before, read_waits(process->pid()));
  }
  if (deadlock.circle.empty()) {
    note(Status::kHung, expected, observed);
    return;
  }
  if (g_check->where.empty()) point_at(varies(deadlock.place));
  note(Status::kDeadlocked, expected, "a deadlock:\n" + varies(deadlock.circle) + observed);
}

}  // namespace

void fail(const std::string& expected, const std::string& observed, Status status) {
  note(status, expected, observed);
  throw Verdict();
}

void fail_hung(const std::string& what, const std::string& observed) {
  const std::string limit = varies(std::to_string(g_check->deadline.limit_ms()) + " ms");
  note_hung(what + ", in at most " + limit, observed);
  throw Verdict();
}

void fail_not_gradable(const std::string& what) {
  note(Status::kNotGradable, "", what);
  throw Verdict();
}

void require_equal(const std::string& what, const std::string& observed,
                   const std::string& expected) {
  if (observed != expected) fail(what + ": " + expected, what + ": " + observed);
}

void require_same(const std::string& what, std::string_view observed, std::string_view expected) {
  if (observed != expected)
    fail(what + ": " + shortened(expected), what + ": " + shortened(observed));
}

void did(const std::string& line) {
  std::lock_guard lock(g_check->mutex);
  if (g_check->did.size() < kMaxDidBytes) g_check->did += line + '\n';
}

void forget_did() {
  std::lock_guard lock(g_check->mutex);
  g_check->did.clear();
}

void add_evidence(const std::string& text) {
  std::lock_guard lock(g_check->mutex);
  g_check->evidence += text;
}

void set_picture(const std::string& svg) { g_check->picture = svg; }

void note_varying(const std::string& text) {
  std::lock_guard lock(g_check->mutex);
  if (!text.empty()) g_check->varying.insert(text);
}

void point_at(const std::string& place) { g_check->where = place; }

void set_function(const std::string& function) { g_check->about.function = function; }

Deadline deadline() { return g_check->deadline; }
double slowness() { return g_check->slowness; }
std::mt19937_64& random() { return g_check->random; }
std::uint64_t seed() { return g_check->seed; }
const RunConfig& config() { return g_check->config; }
Box& box() { return *g_check->box; }

Server start_server(const std::string& program, std::vector<std::string> args,
                    StartOptions options) {
  std::string command = program;
  for (const std::string& arg : args) command += ' ' + arg;
  did("started " + command);
  Process& process = box().start(program, std::move(args), std::move(options));
  const std::optional<int> port = process.wait_for_number("listening on ", deadline());
  if (!port) {
    // Its streams end a moment before it does.
    const std::optional<Exit> exit = process.wait(Deadline::after_ms(kAfterStreamsMs));
    if (!exit) fail_hung(program + " prints `listening on <port>`");
    fail(program + " prints `listening on <port>` and keeps running",
         program + " ended first, with " + render(*exit));
  }
  if (*port < 1 || *port > 65535) {
    const std::string out = process.out();
    const std::size_t at = out.find("listening on ");
    fail("`listening on <port>` with the port that was bound",
         printable(std::string_view(out).substr(at, out.find('\n', at) - at), kMaxLineBytes));
  }
  return {process, static_cast<std::uint16_t>(*port)};
}

namespace {

TcpPeer& connect_and_keep(std::deque<TcpPeer>& peers, const Server& server, TcpOptions options) {
  options.port = server.port;
  try {
    return peers.emplace_back(box().connect(options, deadline()), server.process.name());
  } catch (const std::system_error& error) {
    fail("a connection to " + server.process.name(), error.code().message());
  }
}

}  // namespace

TcpPeer& connect_to(const Server& server, TcpOptions options) {
  return connect_and_keep(g_check->peers, server, std::move(options));
}

TcpPeer& connect_quietly(const Server& server, TcpOptions options) {
  return connect_and_keep(g_check->quiet_peers, server, std::move(options));
}

void run_check(const About& about, CheckBody body) {
  g_check->about = about;
  try {
    body();
  } catch (const Verdict&) {
    // Noted where it was thrown.
  } catch (const Timeout& timeout) {
    note_varying(std::to_string(g_check->deadline.limit_ms()) + " ms");
    note_hung("an answer", timeout.what());
  } catch (const PeerError& error) {
    note(Status::kFailed, "the connection to go on", error.what());
  } catch (const std::exception& error) {
    note(Status::kNotGradable, "", std::string("the check itself failed: ") + error.what());
  }
}

}  // namespace kit
