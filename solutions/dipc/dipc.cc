// dipc: the server's main program. The command line, the start, and the exit status.
#include <signal.h>

#include <cstdio>
#include <exception>
#include <functional>
#include <string>

#include "arguments.h"
#include "daemon.h"
#include "labs/support/error.h"
#include "labs/support/options.h"
#include "labs/support/signals.h"
#include "log.h"
#include "server.h"

namespace {

// Is told the port once clients can connect.
using OnReady = std::function<void(std::uint16_t port)>;

dipc::Log open_log(const dipc::Arguments& arguments) {
  // Before the daemon leaves its directory: the name may be relative to it.
  if (!arguments.log_file.empty()) return dipc::Log::to_file(arguments.log_file);
  return arguments.foreground ? dipc::Log::to_standard_error() : dipc::Log::to_syslog();
}

std::string listening_line(std::uint16_t port) {
  return "listening on " + std::to_string(port) + "\n";
}

// A log that has reached the size that a file may have raises SIGXFSZ, which would end us.
void ignore_file_size_signal() {
  if (::signal(SIGXFSZ, SIG_IGN) == SIG_ERR) support::throw_errno("signal");
}

void serve(const dipc::Arguments& arguments, dipc::Log& log, const OnReady& on_ready) {
  // First of all: the threads that come later inherit what is blocked now.
  support::UniqueFd stop = support::open_stop_signals();
  support::ignore_sigpipe();
  ignore_file_size_signal();
  support::raise_descriptor_limit();
  dipc::Server server(arguments.server, log);
  log.write("serves port " + std::to_string(server.port()));
  on_ready(server.port());
  server.serve(stop.get());
  log.write("ends");
}

int serve_in_foreground(const dipc::Arguments& arguments, dipc::Log& log) {
  serve(arguments, log, [](std::uint16_t port) {
    std::fputs(listening_line(port).c_str(), stdout);
    std::fflush(stdout);  // who started us may wait for this line
  });
  return 0;
}

// The process that was started: passes on what the daemon says, and is its exit status.
int tell_report(const dipc::Launch::Report& report) {
  if (report.is_ready) {
    std::fputs(report.text.c_str(), stdout);
    return 0;
  }
  std::fprintf(stderr, "dipc: %s\n", report.text.c_str());
  return 1;
}

int serve_as_daemon(const dipc::Arguments& arguments, dipc::Log& log) {
  dipc::Launch launch = dipc::Launch::detach();
  if (!launch.is_daemon()) return tell_report(launch.await_report());
  bool is_ready = false;
  try {
    serve(arguments, log, [&](std::uint16_t port) {
      is_ready = true;
      // Who asked for any free port must be told which. Otherwise a daemon starts in silence.
      launch.report_ready(arguments.server.port == 0 ? listening_line(port) : "");
    });
    return 0;
  } catch (const std::exception& error) {
    log.write(error.what());
    if (!is_ready) launch.report_failure(error.what());
    return 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    dipc::Arguments arguments = dipc::parse_arguments(argc, argv);
    if (arguments.help) {
      std::fputs(dipc::kUsage, stdout);
      return 0;
    }
    dipc::Log log = open_log(arguments);
    return arguments.foreground ? serve_in_foreground(arguments, log)
                                : serve_as_daemon(arguments, log);
  } catch (const support::UsageError& error) {
    std::fprintf(stderr, "dipc: %s\n%s", error.what(), dipc::kUsage);
    return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dipc: %s\n", error.what());
    return 1;
  }
}
