#include "grader/bench/server.h"

#include <unistd.h>

#include <stdexcept>

#include "grader/harness/deadline.h"
#include "grader/harness/tcp_socket.h"

namespace kit::bench {
namespace {

constexpr char kRedis[] = "/usr/bin/redis-server";
constexpr int kStartMs = 10'000;

std::unique_ptr<Process> start(const std::string& name, const std::vector<std::string>& argv) {
  std::vector<std::string> guarded = {"/usr/bin/setpriv", "--pdeathsig", "KILL"};
  guarded.insert(guarded.end(), argv.begin(), argv.end());
  Launch launch;
  launch.name = name;
  launch.argv = std::move(guarded);
  launch.env = {{"PATH", "/usr/bin:/bin"}, {"LC_ALL", "C"}};
  return std::make_unique<Process>(std::move(launch));
}

[[noreturn]] void throw_not_started(const Process& process) {
  throw std::runtime_error(process.name() + " did not start: " + process.err() + process.out());
}

// Redis takes no port 0 for "any". The one that was free a moment ago will be so now.
std::uint16_t find_free_port() { return local_port(listen_tcp({}).get()); }

}  // namespace

RunningServer start_lab_server(const std::string& name, std::vector<std::string> argv) {
  std::unique_ptr<Process> process = start(name, argv);
  const auto port = process->wait_for_number("listening on", Deadline::after_ms(kStartMs));
  if (!port) throw_not_started(*process);
  return {std::move(process), static_cast<std::uint16_t>(*port)};
}

RunningServer start_redis() {
  if (access(kRedis, X_OK) != 0) return {};
  const std::uint16_t port = find_free_port();
  std::unique_ptr<Process> process =
      start("redis-server", {kRedis, "--bind", "127.0.0.1", "--port", std::to_string(port),
                             "--save", "", "--appendonly", "no", "--daemonize", "no"});
  if (!process->wait_for_out("Ready to accept connections", Deadline::after_ms(kStartMs))) {
    throw_not_started(*process);
  }
  return {std::move(process), port};
}

}  // namespace kit::bench
