#include "grader/bench/server.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "grader/harness/deadline.h"
#include "grader/harness/tcp_socket.h"

namespace kit::bench {
namespace {

constexpr char kRedis[] = "/usr/bin/redis-server";
constexpr char kMemcached[] = "/usr/bin/memcached";
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

RunningServer start_memcached() {
  if (access(kMemcached, X_OK) != 0) return {};
  const std::uint16_t port = find_free_port();
  const std::string threads = std::to_string(std::max(1u, std::thread::hardware_concurrency()));
  // As root it insists on being told whom to run as.
  std::unique_ptr<Process> process =
      start("memcached", {kMemcached, "-l", "127.0.0.1", "-p", std::to_string(port), "-U", "0", "-t",
                          threads, "-u", "nobody"});
  // It says nothing when it is ready.
  const Deadline deadline = Deadline::after_ms(kStartMs);
  while (process->running() && !deadline.expired()) {
    try {
      connect_tcp({.port = port}, deadline);
      return {std::move(process), port};
    } catch (const std::system_error&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  throw_not_started(*process);
}

}  // namespace kit::bench
