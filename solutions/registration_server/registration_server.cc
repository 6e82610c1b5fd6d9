// registration_server: the server's main program. Options, signals, and exit status; the work is in
// server.h.
#include <getopt.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>

#include "keys.h"
#include "labs/support/error.h"
#include "labs/support/fd.h"
#include "labs/support/options.h"
#include "labs/support/signals.h"
#include "log.h"
#include "server.h"
#include "texts.h"

namespace {

constexpr char kUsage[] =
    "usage: registration_server [--instance default] [--max-clients 64] [--log FILE]\n"
    "Prints `ready`. SIGUSR1 prints a summary, SIGINT and SIGTERM end the server.\n"
    "Without a file, the log goes to standard error.\n";

// The long options' own numbers; no single letters.
enum Option { kInstance = 1, kMaxClients, kLog, kHelp = 'h' };

constexpr option kOptions[] = {
    {"instance", required_argument, nullptr, kInstance},
    {"max-clients", required_argument, nullptr, kMaxClients},
    {"log", required_argument, nullptr, kLog},
    {"help", no_argument, nullptr, kHelp},
    {nullptr, 0, nullptr, 0},
};

struct Arguments {
  registration::ServerOptions server;
  std::string log_file;  // empty: standard error
  bool help = false;
};

void take_option(int code, const char* value, Arguments& arguments) {
  switch (code) {
    case kInstance:
      if (!registration::is_name(value)) {
        throw support::UsageError("--instance: 1 to 32 letters, digits, '_' and '-'");
      }
      arguments.server.instance = value;
      return;
    case kMaxClients:
      arguments.server.max_clients = static_cast<std::uint32_t>(
          support::parse_number("--max-clients", value, 1, registration::wire::kMaxClients));
      return;
    case kLog:
      arguments.log_file = value;
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
  return arguments;
}

// Blocks the signals that we want to hear of, for this thread and those it will start. They can be
// read from the descriptor then, and nothing is done in a signal handler.
support::UniqueFd open_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (int signal : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&signals, signal);
  int error = ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  if (error != 0) support::throw_error(error, "pthread_sigmask");
  support::UniqueFd fd(::signalfd(-1, &signals, SFD_CLOEXEC));
  if (!fd) support::throw_errno("signalfd");
  return fd;
}

// Sleeps until one of them comes.
int next_signal(int fd) {
  signalfd_siginfo signal;
  ssize_t count;
  while ((count = ::read(fd, &signal, sizeof signal)) != sizeof signal) {
    if (count >= 0 || errno != EINTR) support::throw_errno("read the signals");
  }
  return static_cast<int>(signal.ssi_signo);
}

void print(const std::string& text, registration::Log& log) {
  bool is_written = std::fputs(text.c_str(), stdout) >= 0;
  // At once: who started us may wait for it.
  if (std::fflush(stdout) == EOF) is_written = false;
  if (!is_written) log.error({"error cannot-write-to-standard-output"});
}

void serve(const Arguments& arguments) {
  support::UniqueFd signals = open_signals();  // before the first thread
  support::ignore_sigpipe();
  support::raise_descriptor_limit();
  registration::Log log(arguments.log_file);
  registration::Server server(arguments.server, log);
  server.start();
  print("ready\n", log);
  while (next_signal(signals.get()) == SIGUSR1) {
    log.flush();
    print(registration::summary_text(server.summary()), log);
  }
  server.stop();
  log.flush();
  print(registration::summary_text(server.summary()), log);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    Arguments arguments = parse_arguments(argc, argv);
    if (arguments.help) {
      std::fputs(kUsage, stdout);
      return 0;
    }
    serve(arguments);
    return 0;
  } catch (const support::UsageError& error) {
    std::fprintf(stderr, "registration_server: %s\n%s", error.what(), kUsage);
    return 2;
  } catch (const registration::ObjectExists& error) {
    std::fprintf(stderr, "registration_server: a server of this instance runs: %s\n", error.what());
    return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "registration_server: %s\n", error.what());
    return 1;
  }
}
