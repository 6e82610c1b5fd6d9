// registration_client: the client's main program. Options, registration, and exit status; the
// commands are in console.h.
#include <getopt.h>

#include <cstdint>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>

#include "client.h"
#include "console.h"
#include "keys.h"
#include "labs/support/deadline.h"
#include "labs/support/options.h"
#include "labs/support/signals.h"
#include "texts.h"

namespace {

using registration::Client;
using registration::Console;
using registration::Outcome;
using support::Deadline;

constexpr char kUsage[] =
    "usage: registration_client [--instance default] [--name NAME] [--wait-ms 1000]\n"
    "Without a name, it is the first line of the input. The first line of the output is the key.\n"
    "Then come commands: send KEY TEXT, receive, list, stats, unregister.\n"
    "Exit status: 0 unregistered, 1 an error, 2 usage, 3 the registration was refused, 4 there is\n"
    "no server or it has gone.\n";

enum ExitStatus { kDone = 0, kError = 1, kUsageError = 2, kRefused = 3, kNoServer = 4 };

// The long options' own numbers; no single letters.
enum Option { kInstance = 1, kName, kWaitMs, kHelp = 'h' };

constexpr option kOptions[] = {
    {"instance", required_argument, nullptr, kInstance},
    {"name", required_argument, nullptr, kName},
    {"wait-ms", required_argument, nullptr, kWaitMs},
    {"help", no_argument, nullptr, kHelp},
    {nullptr, 0, nullptr, 0},
};

struct Arguments {
  std::string instance = "default";
  std::optional<std::string> name;
  std::int64_t wait_ms = 1000;
  bool help = false;
};

std::string instance_in(const char* value) {
  if (registration::is_name(value)) return value;
  throw support::UsageError("--instance: 1 to 32 letters, digits, '_' and '-'");
}

void take_option(int code, const char* value, Arguments& arguments) {
  constexpr std::uint64_t kMaxWaitMs = 3'600'000;
  switch (code) {
    case kInstance:
      arguments.instance = instance_in(value);
      return;
    case kName:
      arguments.name = value;  // which names are allowed is the server's word
      return;
    case kWaitMs:
      arguments.wait_ms =
          static_cast<std::int64_t>(support::parse_number("--wait-ms", value, 0, kMaxWaitMs));
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

std::string ask_for_name() {
  std::fputs("name: ", stderr);  // not to the output, which is for scripts
  std::string name;
  static_cast<void>(Console::read_line(stdin, name));  // no line is as good as an empty one
  return name;
}

ExitStatus converse(const std::string& name, Client& client) {
  Client::Reply reply = client.enroll(name, Deadline::after_ms(Console::kAnswerMs));
  if (!reply.is_ok()) {
    const char* answer = reply.outcome == Outcome::kServerGone ? "server-gone"
                         : reply.outcome == Outcome::kNoAnswer
                             ? "no-answer"
                             : registration::status_text(reply.status);
    Console::print_line(stdout, answer);
    return reply.outcome == Outcome::kAnswered ? kRefused : kNoServer;
  }
  Console::print_line(stdout, registration::wire::key_text(client.key()));
  Outcome outcome = Console(client, stdin, stdout).run();
  return outcome == Outcome::kAnswered ? kDone : kNoServer;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    Arguments arguments = parse_arguments(argc, argv);
    if (arguments.help) {
      std::fputs(kUsage, stdout);
      return kDone;
    }
    // An output that nobody reads is an error to be told, and must not end us without a word.
    support::ignore_sigpipe();
    std::string name = arguments.name ? *arguments.name : ask_for_name();
    Client client(arguments.instance, Deadline::after_ms(arguments.wait_ms));
    return converse(name, client);
  } catch (const support::UsageError& error) {
    std::fprintf(stderr, "registration_client: %s\n%s", error.what(), kUsage);
    return kUsageError;
  } catch (const registration::NoObject& error) {
    std::fprintf(stderr, "registration_client: no server: %s\n", error.what());
    return kNoServer;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "registration_client: %s\n", error.what());
    return kError;
  }
}
