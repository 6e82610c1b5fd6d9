#include "arguments.h"

#include <getopt.h>

#include <cstdint>
#include <string_view>

#include "labs/support/options.h"

namespace proxy {
namespace {

// The long options that have no letter.
enum Option { kWire = 1, kConnectTimeout, kMaxTime };

constexpr option kOptions[] = {
    {"listen-port", required_argument, nullptr, 'p'},
    {"thread-count", required_argument, nullptr, 't'},
    {"server", required_argument, nullptr, 's'},
    {"wire", required_argument, nullptr, kWire},
    {"connect-timeout", required_argument, nullptr, kConnectTimeout},
    {"max-time", required_argument, nullptr, kMaxTime},
    {"help", no_argument, nullptr, 'h'},
    {nullptr, 0, nullptr, 0},
};

constexpr std::uint64_t kMaxPort = 65535;
constexpr std::uint64_t kMaxThreads = 200;
constexpr std::uint64_t kMaxSeconds = 86'400;

std::int64_t parse_seconds(std::string_view option, const char* value) {
  return static_cast<std::int64_t>(support::parse_number(option, value, 1, kMaxSeconds));
}

gfs::Wire parse_wire(std::string_view value) {
  if (auto wire = gfs::parse_wire(value)) return *wire;
  throw support::UsageError("--wire: '" + std::string(value) + "' is not documented or stock");
}

// The address without slashes at its end: the path that is appended begins with one.
std::string parse_server(std::string_view value) {
  if (!value.starts_with("http://") && !value.starts_with("https://")) {
    throw support::UsageError("--server: '" + std::string(value) +
                              "' does not begin with http:// or https://");
  }
  while (value.ends_with('/')) value.remove_suffix(1);
  if (value.ends_with(':')) throw support::UsageError("--server: names no host");
  return std::string(value);
}

void take_option(int code, const char* value, Arguments& arguments) {
  using support::parse_number;
  switch (code) {
    case 'p':
      arguments.server.port =
          static_cast<std::uint16_t>(parse_number("--listen-port", value, 0, kMaxPort));
      return;
    case 't':
      arguments.threads = parse_number("--thread-count", value, 1, kMaxThreads);
      return;
    case 's':
      arguments.origin.server = parse_server(value);
      return;
    case kWire:
      arguments.server.wire = parse_wire(value);
      return;
    case kConnectTimeout:
      arguments.origin.connect_timeout_s = parse_seconds("--connect-timeout", value);
      return;
    case kMaxTime:
      arguments.origin.max_time_s = parse_seconds("--max-time", value);
      return;
    case 'h':
      arguments.help = true;
      return;
  }
}

}  // namespace

const char kUsage[] =
    "usage: webproxy [options]\n"
    "  -p, --listen-port PORT     listen on this port; 0 takes a free one (25362)\n"
    "  -t, --thread-count N       so many workers, 1 to 200 (8)\n"
    "  -s, --server URL           where the paths are appended\n"
    "                             (https://raw.githubusercontent.com/gt-cs6200/image_data)\n"
    "      --wire DIALECT         documented or stock (documented)\n"
    "      --connect-timeout S    seconds to reach the origin (5)\n"
    "      --max-time S           seconds for a whole request (60)\n"
    "  -h, --help\n";

Arguments parse_arguments(int argc, char** argv) {
  Arguments arguments;
  for (int code; (code = support::next_option(argc, argv, ":p:t:s:h", kOptions)) != -1;) {
    take_option(code, optarg, arguments);
  }
  if (optind < argc) support::refuse_argument(argv[optind]);
  return arguments;
}

}  // namespace proxy
