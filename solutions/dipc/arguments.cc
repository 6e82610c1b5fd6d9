#include "arguments.h"

#include <getopt.h>

#include <cstdint>
#include <string>
#include <vector>

#include "labs/support/options.h"

namespace dipc {

const char kUsage[] =
    "usage: dipc [--foreground] [--bind 127.0.0.1] [--lock-timeout-ms 5000] [--pause-ms 100]\n"
    "            [--data-timeout-ms 60000] [--log FILE]\n"
    "            <number of mailboxes> <size of mailbox in kbytes> <port>\n"
    "            <size of packet in kbytes>\n";

namespace {

using support::parse_number;
using support::UsageError;

// What getopt_long() returns: 1 for an argument that is no option, these for the long options.
enum Option {
  kNumber = 1,
  kForeground,
  kBind,
  kLockTimeoutMs,
  kPauseMs,
  kDataTimeoutMs,
  kLog,
  kHelp = 'h'
};

// "-": give out arguments that are no options, too, in order. ":": tell missing values apart. And
// digits, as short options with or without more behind: a negative number looks like an option, and
// who types one should hear which number was wrong.
constexpr char kShortOptions[] = "-:0::1::2::3::4::5::6::7::8::9::h";

constexpr option kOptions[] = {
    {"foreground", no_argument, nullptr, kForeground},
    {"bind", required_argument, nullptr, kBind},
    {"lock-timeout-ms", required_argument, nullptr, kLockTimeoutMs},
    {"pause-ms", required_argument, nullptr, kPauseMs},
    {"data-timeout-ms", required_argument, nullptr, kDataTimeoutMs},
    {"log", required_argument, nullptr, kLog},
    {"help", no_argument, nullptr, kHelp},
    {nullptr, 0, nullptr, 0},
};

constexpr std::uint64_t kKbyte = 1024;
constexpr std::uint64_t kMaxTimeoutMs = 3'600'000;
// More than any machine has. Whether so much can be had is found out when it is asked for.
constexpr std::uint64_t kMaxMailboxes = 1'000'000'000;
constexpr std::uint64_t kMaxMailboxKbytes = 1'000'000'000'000;
constexpr std::uint64_t kMaxPacketKbytes = 1024 * 1024;

std::int64_t parse_ms(const char* option, const char* value) {
  return static_cast<std::int64_t>(parse_number(option, value, 1, kMaxTimeoutMs));
}

void take_option(int code, const char* value, Arguments& arguments) {
  ServerOptions& server = arguments.server;
  switch (code) {
    case kForeground:
      arguments.foreground = true;
      return;
    case kBind:
      server.bind_address = value;
      return;
    case kLockTimeoutMs:
      server.lock_timeout_ms = parse_ms("--lock-timeout-ms", value);
      return;
    case kPauseMs:
      server.connection.pause_ms = parse_ms("--pause-ms", value);
      return;
    case kDataTimeoutMs:
      server.connection.data_timeout_ms = parse_ms("--data-timeout-ms", value);
      return;
    case kLog:
      arguments.log_file = value;
      return;
    case kHelp:
      arguments.help = true;
      return;
  }
}

void take_numbers(const std::vector<std::string>& numbers, ServerOptions& server) {
  if (numbers.size() != 4) {
    throw UsageError("four numbers are needed, " + std::to_string(numbers.size()) + " were given");
  }
  server.mailboxes = parse_number("number of mailboxes", numbers[0], 1, kMaxMailboxes);
  server.mailbox_bytes =
      kKbyte * parse_number("size of mailbox in kbytes", numbers[1], 1, kMaxMailboxKbytes);
  server.port = static_cast<std::uint16_t>(parse_number("port", numbers[2], 0, 65535));
  server.connection.packet_bytes =
      kKbyte * parse_number("size of packet in kbytes", numbers[3], 1, kMaxPacketKbytes);
}

// The argument as it was typed.
std::string negative_number(int digit, const char* more) {
  return std::string{'-', static_cast<char>(digit)} + (more != nullptr ? more : "");
}

}  // namespace

Arguments parse_arguments(int argc, char** argv) {
  Arguments arguments;
  std::vector<std::string> numbers;
  for (int code; (code = support::next_option(argc, argv, kShortOptions, kOptions)) != -1;) {
    if (code == kNumber) {
      numbers.push_back(optarg);
    } else if (code >= '0' && code <= '9') {
      numbers.push_back(negative_number(code, optarg));
    } else {
      take_option(code, optarg, arguments);
    }
  }
  numbers.insert(numbers.end(), argv + optind, argv + argc);  // what came after "--"
  if (!arguments.help) take_numbers(numbers, arguments.server);
  return arguments;
}

}  // namespace dipc
