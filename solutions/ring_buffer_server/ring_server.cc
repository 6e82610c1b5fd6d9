// ring_server: the server's main program. Options, start, and exit status; the work is in server.h.
#include <getopt.h>
#include <malloc.h>

#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>

#include "labs/support/options.h"
#include "labs/support/signals.h"
#include "server.h"

namespace {

constexpr char kUsage[] =
    "usage: ring_server [--port 7400] [--capacity 64] [--max-message 4096] [--max-clients 1024]\n"
    "                   [--handshake-timeout-ms 5000] [--secret-file F]\n"
    "                   [--tls-cert F --tls-key F]\n";

// The long options' own numbers; no single letters.
enum Option {
  kPort = 1,
  kCapacity,
  kMaxMessage,
  kMaxClients,
  kHandshakeTimeoutMs,
  kSecretFile,
  kTlsCert,
  kTlsKey,
  kHelp = 'h'
};

constexpr option kOptions[] = {
    {"port", required_argument, nullptr, kPort},
    {"capacity", required_argument, nullptr, kCapacity},
    {"max-message", required_argument, nullptr, kMaxMessage},
    {"max-clients", required_argument, nullptr, kMaxClients},
    {"handshake-timeout-ms", required_argument, nullptr, kHandshakeTimeoutMs},
    {"secret-file", required_argument, nullptr, kSecretFile},
    {"tls-cert", required_argument, nullptr, kTlsCert},
    {"tls-key", required_argument, nullptr, kTlsKey},
    {"help", no_argument, nullptr, kHelp},
    {nullptr, 0, nullptr, 0},
};

constexpr std::uint64_t kMaxPort = 65535;
constexpr std::uint64_t kMaxCapacity = 1'000'000;
constexpr std::uint64_t kMaxClientsLimit = 100'000;
constexpr std::uint64_t kMaxTimeoutMs = 3'600'000;

struct Arguments {
  ring::ServerOptions server;
  std::string secret_file;
  bool help = false;
};

void take_option(int code, const char* value, Arguments& arguments) {
  using support::parse_number;
  ring::ServerOptions& server = arguments.server;
  switch (code) {
    case kPort:
      server.port = static_cast<std::uint16_t>(parse_number("--port", value, 0, kMaxPort));
      return;
    case kCapacity:
      server.capacity = parse_number("--capacity", value, 1, kMaxCapacity);
      return;
    case kMaxMessage:
      server.session.max_message = parse_number("--max-message", value, 1, ring::kMaxSkip);
      return;
    case kMaxClients:
      server.max_clients = parse_number("--max-clients", value, 1, kMaxClientsLimit);
      return;
    case kHandshakeTimeoutMs:
      server.session.handshake_timeout_ms = static_cast<std::int64_t>(
          parse_number("--handshake-timeout-ms", value, 1, kMaxTimeoutMs));
      return;
    case kSecretFile:
      arguments.secret_file = value;
      return;
    case kTlsCert:
      server.tls_cert = value;
      return;
    case kTlsKey:
      server.tls_key = value;
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
  if (arguments.server.tls_cert.empty() != arguments.server.tls_key.empty()) {
    throw support::UsageError("--tls-cert and --tls-key: give both or neither");
  }
  return arguments;
}

// The ring frees an old body for each new one. malloc(3) would hand such memory back to the kernel
// and ask for it again, page by page, which shows in the speed of large messages. So it may keep
// some; blocks larger than that come from the kernel and go back to it at once. (mallopt(3): 0 says
// that this malloc has no such setting, as under a sanitizer; then it stays as it is.)
void keep_some_freed_memory() {
  constexpr int kKeepBytes = 1024 * 1024;
  static_cast<void>(::mallopt(M_TRIM_THRESHOLD, kKeepBytes));
  static_cast<void>(::mallopt(M_MMAP_THRESHOLD, kKeepBytes));
}

void run(Arguments arguments) {
  // First of all: the threads that come later inherit what is blocked now.
  support::UniqueFd stop = support::open_stop_signals();
  support::ignore_sigpipe();
  support::raise_descriptor_limit();
  if (!arguments.secret_file.empty()) {
    arguments.server.session.secret = support::read_secret(arguments.secret_file);
  }
  keep_some_freed_memory();
  ring::Server server(std::move(arguments.server));
  std::printf("listening on %d\n", static_cast<int>(server.port()));
  std::fflush(stdout);  // who started us may wait for this line
  server.serve(stop.get());
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
    std::fprintf(stderr, "ring_server: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ring_server: %s\n", error.what());
    return 1;
  }
}
