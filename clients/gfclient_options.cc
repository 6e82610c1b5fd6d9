#include "clients/gfclient_options.h"

#include <getopt.h>

#include <sstream>
#include <stdexcept>

#include "labs/support/options.h"

namespace gfclient {
namespace {

constexpr std::uint64_t kMaxThreads = 100;
constexpr std::uint64_t kMaxRequests = 1'000'000'000;

enum Option { kWire = 1 };

constexpr option kOptions[] = {
    {"wire", required_argument, nullptr, kWire},
    {"help", no_argument, nullptr, 'h'},
    {nullptr, 0, nullptr, 0},
};

gfs::Wire parse_wire(const std::string& value) {
  if (auto wire = gfs::parse_wire(value)) return *wire;
  throw support::UsageError("--wire: '" + value + "' is not documented or stock");
}

void take_option(int code, const char* value, Options& options) {
  using support::parse_number;
  switch (code) {
    case 's':
      options.server = value;
      return;
    case 'p':
      options.port = static_cast<std::uint16_t>(parse_number("-p", value, 1, 65535));
      return;
    case 't':
      options.threads = parse_number("-t", value, 1, kMaxThreads);
      return;
    case 'w':
      options.workload = value;
      return;
    case 'r':
      options.requests = parse_number("-r", value, 1, kMaxRequests);
      return;
    case 'm':
      options.metrics = value;
      return;
    case kWire:
      options.wire = parse_wire(value);
      return;
    case 'h':
      options.help = true;
      return;
  }
}

}  // namespace

Options parse_options(int argc, char** argv, bool measures) {
  Options options;
  const char* letters = measures ? ":s:p:t:w:r:m:h" : ":s:p:t:w:r:h";
  for (int code; (code = support::next_option(argc, argv, letters, kOptions)) != -1;) {
    take_option(code, optarg, options);
  }
  if (optind < argc) support::refuse_argument(argv[optind]);
  return options;
}

std::string usage(const std::string& program, bool measures) {
  std::string text = "usage: " + program +
                     " [options]\n"
                     "  -s SERVER    name or address (localhost)\n"
                     "  -p PORT      (25362)\n"
                     "  -t THREADS   1 to 100 (1)\n"
                     "  -w FILE      the workload: paths, separated by white space (workload.txt)\n"
                     "  -r N         so many requests, of all threads together (10)\n";
  if (measures) text += "  -m FILE      where the metrics go (metrics.txt)\n";
  return text +
         "  --wire DIALECT  documented or stock (documented)\n"
         "  -h\n"
         "Exit status: 0 when every request was served, 1 when one was not, 2 for wrong options.\n";
}

std::vector<std::string> load_workload(const std::string& file) {
  std::istringstream words(support::read_file(file));
  std::vector<std::string> paths;
  for (std::string path; words >> path;) paths.push_back(path);
  if (paths.empty()) throw std::runtime_error(file + ": there are no paths in it");
  return paths;
}

}  // namespace gfclient
