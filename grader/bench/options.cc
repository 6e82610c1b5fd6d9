#include "grader/bench/options.h"

#include <signal.h>
#include <sys/signalfd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <thread>

#include "grader/harness/fd.h"

namespace kit::bench {
namespace {

constexpr std::size_t kMegabyte = 1024 * 1024;

UniqueFd open_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  return UniqueFd(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

Options parse_options(int argc, char** argv, const std::string& name) {
  Options options;
  CLI::App app("Figures of the " + name + " lab's reference. Nothing passes or fails by them.");
  app.name("bazel run //grader/bench -- " + name);
  app.add_option("--rounds", options.rounds.count, "Rounds of each server, taking turns")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--round-ms", options.rounds.duration_ms, "How long a round lasts")
      ->check(CLI::Range(1, 60'000))
      ->capture_default_str();
  app.add_option("--connections", options.connections, "How many connections at once; repeatable")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error) == 0 ? 0 : 2);
  }
  return options;
}

}  // namespace

int run_bench(int argc, char** argv, const std::string& name,
              const std::function<void(const Options&, int)>& run) try {
  const Options options = parse_options(argc, argv, name);
  const UniqueFd stop = open_stop_signals();
  std::printf("%u processors, shared by the server and its clients; %d rounds of %lld ms each\n",
              std::thread::hardware_concurrency(), options.rounds.count,
              static_cast<long long>(options.rounds.duration_ms));
  run(options, stop.get());
  return 0;
} catch (const Interrupted&) {
  return 130;  // as a shell says it of SIGINT
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench: %s\n", error.what());
  return 1;
}

std::string label_of(const char* operation, std::size_t bytes, int connections) {
  const bool is_large = bytes >= kMegabyte;
  const std::string size =
      is_large ? std::to_string(bytes / kMegabyte) + " MB" : std::to_string(bytes / 1024) + " KB";
  return std::string(operation) + " " + size + ", " + std::to_string(connections) +
         (connections == 1 ? " connection" : " connections");
}

}  // namespace kit::bench
