#include "grader/proxy/proxy_stage.h"

#include <signal.h>
#include <unistd.h>

#include <exception>
#include <fstream>
#include <mutex>
#include <optional>
#include <thread>

namespace kit::proxy_lab {
namespace {

constexpr int kLookAgainUs = 2000;

// A program may keep a connection to the origin, or what a library opens once.
constexpr int kSlack = 6;

// What an allocator may keep for later, and well below a handle for each request (some 20 KB).
constexpr std::int64_t kSlackKb = 4096;

std::string name_of(int signal) { return signal == SIGINT ? "SIGINT" : "SIGTERM"; }

void require_no_more(const std::string& what, std::int64_t before, std::int64_t after,
                     std::int64_t slack) {
  if (after <= before + slack) return;
  fail("as many " + what + " as before, or a few more",
       varies(std::to_string(before)) + " " + what + " before, " + varies(std::to_string(after)) +
           " after",
       Status::kLeaked);
}

}  // namespace

Server start_proxy(const std::string& url, std::vector<std::string> args, StartOptions options) {
  args.insert(args.begin(), {"-p", "0", "-s", url});
  return start_server("webproxy", std::move(args), std::move(options));
}

void in_parallel(int count, const std::function<void(int)>& body) {
  std::mutex mutex;
  std::exception_ptr first;
  std::vector<std::jthread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      try {
        body(i);
      } catch (...) {
        std::lock_guard lock(mutex);
        if (!first) first = std::current_exception();
      }
    });
  }
  threads.clear();  // joins
  if (first) std::rethrow_exception(first);
}

void require_end(const Server& server, int signal) {
  did("sent " + name_of(signal));
  server.process.signal(signal);
  const std::string& name = server.process.name();
  const std::optional<Exit> exit = server.process.wait(deadline());
  if (!exit) fail_hung(name + " ends after " + name_of(signal));
  require(exit->clean(), name + " ends with exit status 0 after " + name_of(signal),
          "it ended with " + render(*exit));
}

void require_prompt_end(const Server& server) {
  constexpr int kLimitMs = 2000;
  constexpr int kSpareMs = 1500;  // a busy machine
  const auto limit_ms = static_cast<std::int64_t>((kLimitMs + kSpareMs) * slowness());
  did("sent SIGTERM");
  server.process.signal(SIGTERM);
  const std::string& name = server.process.name();
  const std::optional<Exit> exit = server.process.wait(deadline().but_at_most_ms(limit_ms));
  if (!exit) fail_hung(name + " ends within two seconds after SIGTERM");
  require(exit->clean(), name + " ends with exit status 0 after SIGTERM",
          "it ended with " + render(*exit));
}

Holdings holdings_of(const Server& server) {
  const std::optional<Holdings> holdings = server.process.holdings();
  if (!holdings) fail(server.process.name() + " goes on", "it has ended");
  return *holdings;
}

void require_back(const Server& server, const Holdings& before, int requests) {
  const Holdings after = require_threads_back(server, before);
  if (config().mode != Mode::kPlain) return;
  require_no_more("KB of memory", before.memory_kb, after.memory_kb, kSlackKb + requests);
}

Holdings require_threads_back(const Server& server, const Holdings& before, int descriptors) {
  // What ends on a thread of the program ends a moment after its client has gone.
  const auto is_back = [&](const Holdings& now) {
    return now.threads <= before.threads &&
           now.descriptors <= before.descriptors + descriptors + kSlack;
  };
  Holdings after = holdings_of(server);
  while (!is_back(after) && deadline().remaining_ms() > 100) {
    static_cast<void>(usleep(kLookAgainUs));
    after = holdings_of(server);
  }
  require_no_more("threads", before.threads, after.threads, 0);
  require_no_more("open descriptors", before.descriptors, after.descriptors, descriptors + kSlack);
  return after;
}

std::int64_t most_memory_kb(const Server& server) {
  std::ifstream status("/proc/" + std::to_string(server.process.pid()) + "/status");
  for (std::string word; status >> word;) {
    std::int64_t kb = 0;
    if (word == "VmHWM:" && status >> kb) return kb;
  }
  fail(server.process.name() + " goes on", "it has ended");
}

}  // namespace kit::proxy_lab
