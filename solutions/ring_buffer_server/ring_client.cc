// ring_client: the client's main program. Options, start, and exit status; the work is in client.h.
#include <getopt.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>

#include "client.h"
#include "labs/support/options.h"
#include "labs/support/signals.h"

namespace {

constexpr char kUsage[] =
    "usage: ring_client [--host localhost] [--port 7400] [--name NAME] [--secret-file F]\n"
    "                   [--tls-ca F]\n"
    "Commands come from standard input: SET <text>, SETB <length>, GET, GET <count>,\n"
    "UPDATE <sequence> <text>, DELETE <sequence>, quit.\n";

// The long options' own numbers; no single letters.
enum Option { kHost = 1, kPort, kName, kSecretFile, kTlsCa, kHelp = 'h' };

constexpr option kOptions[] = {
    {"host", required_argument, nullptr, kHost},
    {"port", required_argument, nullptr, kPort},
    {"name", required_argument, nullptr, kName},
    {"secret-file", required_argument, nullptr, kSecretFile},
    {"tls-ca", required_argument, nullptr, kTlsCa},
    {"help", no_argument, nullptr, kHelp},
    {nullptr, 0, nullptr, 0},
};

struct Arguments {
  ring::ClientOptions client;
  std::string secret_file;
  bool help = false;
};

void take_option(int code, const char* value, Arguments& arguments) {
  switch (code) {
    case kHost:
      arguments.client.host = value;
      return;
    case kPort:
      arguments.client.port =
          static_cast<std::uint16_t>(support::parse_number("--port", value, 1, 65535));
      return;
    case kName:
      arguments.client.name = value;
      return;
    case kSecretFile:
      arguments.secret_file = value;
      return;
    case kTlsCa:
      arguments.client.tls_ca = value;
      return;
    case kHelp:
      arguments.help = true;
      return;
  }
}

Arguments parse_arguments(int argc, char** argv) {
  Arguments arguments;
  // Names are unique among the connected clients; so is the process id, on one machine.
  arguments.client.name = "client-" + std::to_string(::getpid());
  for (int code; (code = support::next_option(argc, argv, ":h", kOptions)) != -1;) {
    take_option(code, optarg, arguments);
  }
  if (optind < argc) support::refuse_argument(argv[optind]);
  return arguments;
}

void run(Arguments arguments) {
  // A server that goes away is an error to be told, and must not end the program without a word.
  support::ignore_sigpipe();
  if (!arguments.secret_file.empty()) {
    arguments.client.secret = support::read_secret(arguments.secret_file);
  }
  ring::Client client(arguments.client);
  client.run(STDIN_FILENO, STDOUT_FILENO);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    Arguments arguments = parse_arguments(argc, argv);
    if (arguments.help) {
      std::fputs(kUsage, stdout);
      return 0;
    }
    run(std::move(arguments));
    return 0;
  } catch (const support::UsageError& error) {
    std::fprintf(stderr, "ring_client: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ring_client: %s\n", error.what());
    return 1;
  }
}
