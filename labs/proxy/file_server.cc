// file_server: serves the files of a folder. It is a server of one thread, made with the names of
// the original course (gfserver.h).
//
//     file_server DIR             from the disk, with handle_with_file, the worked example
//     file_server --memory DIR    from memory, with handle_with_memory, which is step 1
#include <getopt.h>
#include <signal.h>

#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "handle_with_file.h"
#include "handle_with_memory.h"
#include "labs/support/error.h"
#include "labs/support/gfserver/gfserver.h"
#include "labs/support/options.h"
#include "labs/support/signals.h"

namespace {

constexpr char kUsage[] =
    "usage: file_server [-p PORT] [--wire documented|stock] [--memory] DIR\n"
    "  -p, --listen-port PORT    listen on this port; 0 takes a free one (25362)\n"
    "      --wire DIALECT        documented or stock (documented)\n"
    "      --memory              read all of DIR now, and serve it from memory\n"
    "  -h, --help\n";

enum Option { kWire = 1, kMemory };

constexpr option kOptions[] = {
    {"listen-port", required_argument, nullptr, 'p'},
    {"wire", required_argument, nullptr, kWire},
    {"memory", no_argument, nullptr, kMemory},
    {"help", no_argument, nullptr, 'h'},
    {nullptr, 0, nullptr, 0},
};

struct Arguments {
  int port = 25362;
  gfs::Wire wire = gfs::Wire::kDocumented;
  std::string folder;
  bool from_memory = false;
  bool help = false;
};

void take_option(int code, const std::string& value, Arguments& arguments) {
  if (code == 'p') {
    arguments.port = static_cast<int>(support::parse_number("--listen-port", value, 0, 65535));
  } else if (code == kMemory) {
    arguments.from_memory = true;
  } else if (code == 'h') {
    arguments.help = true;
  } else if (auto wire = gfs::parse_wire(value)) {
    arguments.wire = *wire;
  } else {
    throw support::UsageError("--wire: '" + value + "' is not documented or stock");
  }
}

Arguments parse_arguments(int argc, char** argv) {
  Arguments arguments;
  for (int code; (code = support::next_option(argc, argv, ":p:h", kOptions)) != -1;) {
    take_option(code, optarg != nullptr ? optarg : "", arguments);
  }
  if (arguments.help) return arguments;
  if (optind == argc) throw support::UsageError("which folder?");
  arguments.folder = argv[optind];
  if (optind + 1 < argc) support::refuse_argument(argv[optind + 1]);
  return arguments;
}

proxy::MemoryFiles load_files(const std::string& folder) {
  proxy::MemoryFiles files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::string name = entry.path().string();
    files["/" + entry.path().lexically_relative(folder).string()] = support::read_file(name);
  }
  return files;
}

gfserver_t g_server;  // a signal handler has no arguments of its own

// In a signal handler, hardly anything may be called (signal-safety(7)). gfserver_stop() may.
void stop_server(int) { gfserver_stop(&g_server); }

void stop_on_signals() {
  struct sigaction action {};
  action.sa_handler = &stop_server;
  if (::sigaction(SIGINT, &action, nullptr) < 0) support::throw_errno("sigaction");
  if (::sigaction(SIGTERM, &action, nullptr) < 0) support::throw_errno("sigaction");
}

void run(Arguments arguments) {
  if (!std::filesystem::is_directory(arguments.folder)) {
    throw std::runtime_error(arguments.folder + ": there is no such folder");
  }
  proxy::MemoryFiles files;
  if (arguments.from_memory) files = load_files(arguments.folder);

  gfserver_init(&g_server);
  g_server.options.wire = arguments.wire;
  gfserver_setopt(&g_server, GFS_PORT, arguments.port);
  if (arguments.from_memory) {
    gfserver_setopt(&g_server, GFS_WORKER_FUNC, proxy::handle_with_memory);
    gfserver_setopt(&g_server, GFS_WORKER_ARG, &files);
  } else {
    gfserver_setopt(&g_server, GFS_WORKER_FUNC, proxy::handle_with_file);
    gfserver_setopt(&g_server, GFS_WORKER_ARG, &arguments.folder);
  }
  stop_on_signals();
  std::printf("listening on %d\n", static_cast<int>(gfserver_listen(&g_server)));
  std::fflush(stdout);  // who started us may wait for this line
  gfserver_serve(&g_server);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    Arguments arguments = parse_arguments(argc, argv);
    if (arguments.help) {
      std::fputs(kUsage, stdout);
      return 0;
    }
    run(arguments);
    return 0;
  } catch (const support::UsageError& error) {
    std::fprintf(stderr, "file_server: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "file_server: %s\n", error.what());
    return 1;
  }
}
