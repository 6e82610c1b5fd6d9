#include "grader/bench/options.h"

#include <CLI/CLI.hpp>
#include <cstdlib>

namespace kit::bench {

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

}  // namespace kit::bench
