#include "grader/bench/server.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include "grader/harness/deadline.h"
#include "grader/harness/nginx_config.h"
#include "grader/harness/poll.h"
#include "grader/harness/tcp_socket.h"

namespace kit::bench {
namespace {

constexpr char kRedis[] = "/usr/bin/redis-server";
constexpr char kMemcached[] = "/usr/bin/memcached";
constexpr char kVarnish[] = "/usr/sbin/varnishd";
constexpr int kStartMs = 10'000;

std::unique_ptr<Process> start(const std::string& name, const std::vector<std::string>& argv,
                               const char* death_signal = "KILL") {
  std::vector<std::string> guarded = {"/usr/bin/setpriv", "--pdeathsig", death_signal};
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

// For servers that say nothing when they are ready.
RunningServer wait_for_connection(std::unique_ptr<Process> process, std::uint16_t port) {
  const Deadline deadline = Deadline::after_ms(kStartMs);
  const auto is_served = [&] {
    try {
      connect_tcp({.port = port}, deadline);
      return true;
    } catch (const std::system_error&) {
      return false;
    }
  };
  const auto is_decided = [&] { return is_served() || !process->running(); };
  if (!poll_until(deadline, is_decided) || !process->running()) throw_not_started(*process);
  return {std::move(process), port};
}

unsigned processors() { return std::max(1u, std::thread::hardware_concurrency()); }

void write_nginx_configuration(const std::string& folder, const std::string& servers) {
  std::ofstream file(folder + "/nginx.conf");
  file << nginx_configuration(folder, processors(), servers);
  if (!file.flush()) throw std::runtime_error("cannot write " + folder + "/nginx.conf");
}

}  // namespace

RunningServer start_lab_server(const std::string& name, std::vector<std::string> argv) {
  std::unique_ptr<Process> process = start(name, argv);
  const auto port = process->wait_for_number("listening on", Deadline::after_ms(kStartMs));
  if (!port) throw_not_started(*process);
  return {std::move(process), static_cast<std::uint16_t>(*port)};
}

std::unique_ptr<Process> start_lab_program(const std::string& name, std::vector<std::string> argv,
                                           const std::string& ready) {
  std::unique_ptr<Process> process = start(name, argv);
  if (!process->wait_for_out(ready, Deadline::after_ms(kStartMs))) throw_not_started(*process);
  return process;
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
  // As root it insists on being told whom to run as.
  std::unique_ptr<Process> process =
      start("memcached", {kMemcached, "-l", "127.0.0.1", "-p", std::to_string(port), "-U", "0",
                          "-t", std::to_string(processors()), "-u", "nobody"});
  return wait_for_connection(std::move(process), port);
}

RunningServer start_nginx(std::uint16_t port, const std::string& folder,
                          const std::string& servers) {
  if (access(kNginxProgram, X_OK) != 0) {
    throw std::runtime_error("nginx is not installed (apt-get install nginx)");
  }
  write_nginx_configuration(folder, servers);
  // SIGKILL would end the master alone, and its workers would go on without it.
  std::unique_ptr<Process> process = start("nginx", nginx_command(folder), "TERM");
  return wait_for_connection(std::move(process), port);
}

RunningServer start_varnish(const std::string& folder, std::uint16_t origin) {
  if (access(kVarnish, X_OK) != 0) return {};
  std::filesystem::create_directories(folder);
  std::ofstream file(folder + "/bench.vcl");
  file << "vcl 4.1;\nbackend origin { .host = \"127.0.0.1\"; .port = \"" << origin << "\"; }\n"
       << "sub vcl_backend_response { set beresp.ttl = 1h; }\n"
       << "sub vcl_deliver { unset resp.http.X-Varnish; unset resp.http.Age; }\n";
  if (!file.flush()) throw std::runtime_error("cannot write " + folder + "/bench.vcl");
  const std::uint16_t port = find_free_port();
  std::unique_ptr<Process> process =
      start("varnishd",
            {kVarnish, "-F", "-j", "none", "-n", folder + "/state", "-T", "none", "-a",
             "127.0.0.1:" + std::to_string(port), "-f", folder + "/bench.vcl", "-s", "malloc,256m"},
            "TERM");
  return wait_for_connection(std::move(process), port);
}

void end_orderly(Process& process) {
  process.signal(SIGTERM);
  static_cast<void>(process.wait(Deadline::after_ms(kStartMs)));
}

std::string nginx_server(std::uint16_t port, const std::string& content) {
  return "server {\nlisten 127.0.0.1:" + std::to_string(port) + ";\n" + content + "}\n";
}

// The one that was free a moment ago will be so now.
std::uint16_t find_free_port() { return local_port(listen_tcp({}).get()); }

}  // namespace kit::bench
