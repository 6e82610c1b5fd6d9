// dipc_client: the client's main program. Options, start, and exit status; the work is in client.h.
#include <getopt.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>

#include "client.h"
#include "labs/support/options.h"
#include "labs/support/signals.h"

namespace {

constexpr char kUsage[] =
    "usage: dipc_client [--host localhost] --port P\n"
    "Commands come from standard input: read <mailbox>, write <mailbox> <text>, quit.\n";

// The long options' own numbers; no single letters.
enum Option { kHost = 1, kPort, kHelp = 'h' };

constexpr option kOptions[] = {
    {"host", required_argument, nullptr, kHost},
    {"port", required_argument, nullptr, kPort},
    {"help", no_argument, nullptr, kHelp},
    {nullptr, 0, nullptr, 0},
};

struct Arguments {
  std::string host = "localhost";
  std::uint16_t port = 0;  // 0: not given
  bool help = false;
};

void take_option(int code, const char* value, Arguments& arguments) {
  switch (code) {
    case kHost:
      arguments.host = value;
      return;
    case kPort:
      arguments.port = static_cast<std::uint16_t>(support::parse_number("--port", value, 1, 65535));
      return;
    case kHelp:
      arguments.help = true;
      return;
  }
}

Arguments parse_arguments(int argc, char** argv) {
  Arguments arguments;
  for (int code; (code = support::next_option(argc, argv, ":h", kOptions)) != -1;) {
    take_option(code, optarg, arguments);
  }
  if (optind < argc) support::refuse_argument(argv[optind]);
  if (arguments.port == 0 && !arguments.help) throw support::UsageError("--port: is needed");
  return arguments;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    Arguments arguments = parse_arguments(argc, argv);
    if (arguments.help) {
      std::fputs(kUsage, stdout);
      return 0;
    }
    // A server that goes away is an error to be told, and must not end the program without a word.
    support::ignore_sigpipe();
    dipc::Client(arguments.host, arguments.port).run(STDIN_FILENO, STDOUT_FILENO);
    return 0;
  } catch (const support::UsageError& error) {
    std::fprintf(stderr, "dipc_client: %s\n%s", error.what(), kUsage);
    return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dipc_client: %s\n", error.what());
    return 1;
  }
}
