// main() of every driver.
//
//     driver --config C --output FINDINGS          all checks of the config; exit status 0
//     driver --config C --check NAME [--seed N] [--interleaving I] [--gdb]
//                                                  one check, told to a person; 0 passed, 1 not
//     driver --measure                             how fast this machine is, see calibration.h
//     driver --config C --ordered NAME --folder D ...     one check, for the two above
#include <gtest/gtest.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "grader/harness/calibration.h"
#include "grader/harness/check_context.h"
#include "grader/harness/render.h"
#include "grader/harness/supervisor.h"

namespace kit {
namespace {

void write_json(const std::string& path, const nlohmann::json& json) {
  std::ofstream file(path);
  file << json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

// A TEST that the manifest does not name would never be run, and nobody would notice.
void require_known_tests(const RunConfig& config) {
  const testing::UnitTest& tests = *testing::UnitTest::GetInstance();
  for (int s = 0; s < tests.total_test_suite_count(); ++s) {
    const testing::TestSuite& suite = *tests.GetTestSuite(s);
    for (int t = 0; t < suite.total_test_count(); ++t) {
      const std::string name = std::string(suite.name()) + "." + suite.GetTestInfo(t)->name();
      const auto& known = config.known_checks;
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        throw std::runtime_error("the manifest of step " + std::to_string(config.step) +
                                 " does not name the check " + name);
      }
    }
  }
}

int tell(const Finding& finding) {
  RenderContext context;
  context.colour = isatty(STDOUT_FILENO) != 0;
  std::printf("%s\n", shown(render_finding(finding, context)).c_str());
  if (finding.status == Status::kNotGradable) return 3;
  return finding.status == Status::kPassed ? 0 : 1;
}

struct Options {
  std::string config;
  std::string output;
  bool told = false;  // to a person
  bool measure = false;
  CheckOrder order;
};

Options parse(int argc, char** argv) {
  Options options;
  CLI::App app("The checks of one step of a lab.");
  app.add_option("--config", options.config);
  app.add_flag("--measure", options.measure);
  app.add_option("--output", options.output);
  app.add_option_function<std::string>("--check", [&](const std::string& check) {
    options.order.check = check;
    options.told = true;
  });
  app.add_option("--seed", options.order.seed);
  app.add_option("--interleaving", options.order.interleaving);
  app.add_option("--ordered", options.order.check);
  app.add_option("--folder", options.order.folder);
  app.add_option("--limit-ms", options.order.limit_ms);
  app.add_option("--slowness", options.order.slowness);
  app.add_flag("--gdb", options.order.with_gdb);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error) == 0 ? 0 : 2);
  }
  return options;
}

int run(const Options& options) {
  if (options.measure) {
    std::printf("%.3f\n", measure_work_ms());
    return 0;
  }
  const RunConfig config = read_run_config(options.config);
  if (!options.told && !options.order.check.empty()) {
    const Finding finding = run_ordered_check(config, options.order);
    write_json(options.order.folder + "/finding.json", finding);
    return 0;
  }
  require_known_tests(config);
  if (options.told) return tell(supervise_check(config, options.config, options.order));
  write_json(options.output, run_all_checks(config, options.config, options.order.seed));
  return 0;
}

}  // namespace
}  // namespace kit

int main(int argc, char** argv) {
  const kit::Options options = kit::parse(argc, argv);
  int no_arguments = 1;
  testing::InitGoogleTest(&no_arguments, argv);
  try {
    return kit::run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "driver: %s\n", error.what());
    return 3;
  }
}
