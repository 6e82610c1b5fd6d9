#include "simplecached_arguments.h"

#include <getopt.h>

#include <cstdint>

#include "labs/support/options.h"
#include "names.h"

namespace proxy_cache {
namespace {

// The long options that have no letter.
enum Option { kBudget = 1, kInstance };

constexpr option kOptions[] = {
    {"cachedir", required_argument, nullptr, 'c'},
    {"nthreads", required_argument, nullptr, 't'},
    {"delay", required_argument, nullptr, 'd'},
    {"budget", required_argument, nullptr, kBudget},
    {"instance", required_argument, nullptr, kInstance},
    {"help", no_argument, nullptr, 'h'},
    {nullptr, 0, nullptr, 0},
};

constexpr std::uint64_t kMaxThreads = 100;
constexpr std::uint64_t kMaxDelayUs = 2'500'000;

void take_option(int code, const char* value, SimplecachedArguments& arguments) {
  using support::parse_number;
  switch (code) {
    case 'c':
      arguments.index = value;
      return;
    case 't':
      arguments.server.threads = parse_number("--nthreads", value, 1, kMaxThreads);
      return;
    case 'd':
      arguments.server.delay_us =
          static_cast<std::int64_t>(parse_number("--delay", value, 0, kMaxDelayUs));
      return;
    case kBudget:
      arguments.budget_bytes = parse_number("--budget", value, 0, UINT64_MAX);
      return;
    case kInstance:
      arguments.instance = value;
      static_cast<void>(names_of(value));  // says so if it cannot be one
      return;
    case 'h':
      arguments.help = true;
      return;
  }
}

}  // namespace

const char kSimplecachedUsage[] =
    "usage: simplecached [options]\n"
    "  -c, --cachedir INDEX       a key and the path of its file on each line (locals.txt)\n"
    "  -t, --nthreads N           so many workers, 1 to 100 (8)\n"
    "  -d, --delay MICROSECONDS   wait before each answer, for testing, up to 2500000 (0)\n"
    "      --budget BYTES         keep so much of what the proxy offers (67108864)\n"
    "      --instance NAME        the pair that this one belongs to (default)\n"
    "  -h, --help\n";

SimplecachedArguments parse_simplecached_arguments(int argc, char** argv) {
  SimplecachedArguments arguments;
  for (int code; (code = support::next_option(argc, argv, ":c:t:d:h", kOptions)) != -1;) {
    take_option(code, optarg, arguments);
  }
  if (optind < argc) support::refuse_argument(argv[optind]);
  return arguments;
}

}  // namespace proxy_cache
