// Explores one program by itself: explore [options] PROGRAM [ARGUMENT...]
//
// The program must have been built for the mode explore (see docs/explorer.md). It fails when it
// exits with a status other than 0, crashes, comes to a standstill, or has a data race.
//
// Exit status: 0 nothing was found, 1 something was, 2 usage, 3 the explorer's own fault.
#include <getopt.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <limits>
#include <optional>

#include "grader/explore/driver/campaign.h"
#include "grader/explore/driver/debug.h"
#include "grader/explore/driver/explain.h"

namespace {

using kit::explore::StrategyKind;

constexpr char kUsage[] =
    "usage: explore [--schedules N] [--seconds S] [--seed N] [--strategy pos|surw|pct|random]\n"
    "               [--deaths] [--replay TOKEN [--gdb]] [--svg FILE] [--no-shrink] [--quiet]\n"
    "               PROGRAM [ARGUMENT...]\n";

struct Options {
  kit::explore::CampaignOptions campaign;
  std::string token;
  std::string svg;
  bool is_quiet = false;
  bool is_debugged = false;
  std::vector<std::string> argv;
};

std::optional<StrategyKind> strategy_of(const char* name) {
  if (std::strcmp(name, "pos") == 0) return StrategyKind::kPos;
  if (std::strcmp(name, "surw") == 0) return StrategyKind::kSurw;
  if (std::strcmp(name, "pct") == 0) return StrategyKind::kPct;
  if (std::strcmp(name, "random") == 0) return StrategyKind::kRandom;
  return std::nullopt;
}

bool set_option(Options& options, int letter, const char* value) {
  kit::explore::CampaignOptions& campaign = options.campaign;
  switch (letter) {
    case 'n':
      campaign.schedules = std::atoi(value);
      return campaign.schedules > 0;
    case 't':
      campaign.seconds = std::atof(value);
      return campaign.seconds > 0;
    case 's':
      campaign.mix.seed = std::strtoull(value, nullptr, 10);
      return true;
    case 'g':
      campaign.mix.only = strategy_of(value);
      return campaign.mix.only.has_value();
    case 'd':
      campaign.mix.deaths = true;
      return true;
    case 'r':
      options.token = value;
      return true;
    case 'p':
      options.svg = value;
      return true;
    case 'k':
      campaign.is_shrunk = false;
      return true;
    case 'b':
      options.is_debugged = true;
      return true;
    case 'q':
      options.is_quiet = true;
      return true;
    default:
      return false;
  }
}

std::optional<Options> parse(int argc, char** argv) {
  static const option kOptions[] = {{"schedules", required_argument, nullptr, 'n'},
                                    {"seconds", required_argument, nullptr, 't'},
                                    {"seed", required_argument, nullptr, 's'},
                                    {"strategy", required_argument, nullptr, 'g'},
                                    {"deaths", no_argument, nullptr, 'd'},
                                    {"replay", required_argument, nullptr, 'r'},
                                    {"svg", required_argument, nullptr, 'p'},
                                    {"no-shrink", no_argument, nullptr, 'k'},
                                    {"quiet", no_argument, nullptr, 'q'},
                                    {"gdb", no_argument, nullptr, 'b'},
                                    {nullptr, 0, nullptr, 0}};
  Options options;
  options.campaign.operations = std::numeric_limits<std::uint64_t>::max();
  options.campaign.after_race =
      std::numeric_limits<int>::max() / 2;  // who runs it by hand has the time
  for (int letter = 0; (letter = getopt_long(argc, argv, "+", kOptions, nullptr)) != -1;) {
    if (!set_option(options, letter, optarg)) return std::nullopt;
  }
  options.argv.assign(argv + optind, argv + argc);
  if (options.argv.empty() || (options.is_debugged && options.token.empty())) return std::nullopt;
  return options;
}

int run(const Options& options) {
  if (options.is_debugged) {
    kit::explore::run_in_gdb(kit::explore::parse_schedule(options.token).schedule, options.argv);
    return 0;
  }
  kit::explore::ProgramSubject subject(options.argv);
  if (!options.token.empty()) return kit::explore::show_replay(subject, options.token, options.svg);
  const kit::explore::CampaignResult result = kit::explore::explore(subject, options.campaign);
  if (options.is_quiet) {
    std::printf("%s\n", kit::explore::summary(result).c_str());
  } else {
    kit::explore::show(subject, result, options.svg);
  }
  return result.failure ? 1 : 0;
}

}  // namespace

// `bazel run` starts us elsewhere; what the person names is named from where they are.
void go_where_the_person_is() {
  const char* folder = std::getenv("BUILD_WORKING_DIRECTORY");
  if (folder != nullptr && chdir(folder) != 0) std::perror(folder);
}

int main(int argc, char** argv) {
  go_where_the_person_is();
  if (argc == 2 && std::strcmp(argv[1], "--help") == 0) {
    std::fputs(kUsage, stdout);
    return 0;
  }
  const std::optional<Options> options = parse(argc, argv);
  if (!options) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  try {
    return run(*options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "explore: %s\n", error.what());
    return 3;
  }
}
