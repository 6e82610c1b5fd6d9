#include "webproxy_arguments.h"

#include <getopt.h>

#include <cstdint>
#include <string_view>

#include "labs/support/options.h"
#include "names.h"

namespace proxy_cache {
namespace {

// The long options that have no letter.
enum Option { kWire = 1, kReadThrough, kInstance };

constexpr option kOptions[] = {
    {"segment-count", required_argument, nullptr, 'n'},
    {"segment-size", required_argument, nullptr, 'z'},
    {"listen-port", required_argument, nullptr, 'p'},
    {"thread-count", required_argument, nullptr, 't'},
    {"server", required_argument, nullptr, 's'},
    {"wire", required_argument, nullptr, kWire},
    {"read-through", no_argument, nullptr, kReadThrough},
    {"instance", required_argument, nullptr, kInstance},
    {"help", no_argument, nullptr, 'h'},
    {nullptr, 0, nullptr, 0},
};

constexpr std::uint64_t kMaxSegments = 10'000;
constexpr std::uint64_t kMinSegmentBytes = 824;
constexpr std::uint64_t kMaxSegmentBytes = std::uint64_t{1} << 30;
constexpr std::uint64_t kMaxPort = 65535;
constexpr std::uint64_t kMaxThreads = 200;

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

void take_option(int code, const char* value, WebproxyArguments& arguments) {
  using support::parse_number;
  switch (code) {
    case 'n':
      arguments.shape.segments = parse_number("--segment-count", value, 1, kMaxSegments);
      return;
    case 'z':
      arguments.shape.segment_bytes =
          parse_number("--segment-size", value, kMinSegmentBytes, kMaxSegmentBytes);
      return;
    case 'p':
      arguments.server.port =
          static_cast<std::uint16_t>(parse_number("--listen-port", value, 0, kMaxPort));
      return;
    case 't':
      arguments.threads = parse_number("--thread-count", value, 1, kMaxThreads);
      return;
    case 's':
      arguments.origin = parse_server(value);
      return;
    case kWire:
      arguments.server.wire = parse_wire(value);
      return;
    case kReadThrough:
      arguments.read_through = true;
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

const char kWebproxyUsage[] =
    "usage: webproxy [options]\n"
    "  -n, --segment-count N      so many segments (8)\n"
    "  -z, --segment-size BYTES   room for content in each, 824 at least (5712)\n"
    "  -p, --listen-port PORT     listen on this port; 0 takes a free one (25362)\n"
    "  -t, --thread-count N       so many workers, 1 to 200 (8)\n"
    "  -s, --server URL           where the paths are appended for --read-through\n"
    "                             (https://raw.githubusercontent.com/gt-cs6200/image_data)\n"
    "      --read-through         fetch what the cache does not have\n"
    "      --wire DIALECT         documented or stock (documented)\n"
    "      --instance NAME        the pair that this one belongs to (default)\n"
    "  -h, --help\n";

WebproxyArguments parse_webproxy_arguments(int argc, char** argv) {
  WebproxyArguments arguments;
  for (int code; (code = support::next_option(argc, argv, ":n:z:p:t:s:h", kOptions)) != -1;) {
    take_option(code, optarg, arguments);
  }
  if (optind < argc) support::refuse_argument(argv[optind]);
  return arguments;
}

}  // namespace proxy_cache
