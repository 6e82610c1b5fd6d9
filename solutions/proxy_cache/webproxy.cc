// webproxy: the proxy's main program. It puts the parts together and waits for the signal to end.
//
//     main thread      waits for SIGINT or SIGTERM
//     boss             Server::serve(): accepts clients, reads their requests, submits them
//     workers          WorkerPool: answer them
#include <poll.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <thread>
#include <utility>

#include "download.h"
#include "handle_with_cache.h"
#include "labs/support/deadline.h"
#include "labs/support/fd.h"
#include "labs/support/gfserver/gfserver.h"
#include "labs/support/options.h"
#include "labs/support/signals.h"
#include "proxy_side.h"
#include "read_through.h"
#include "webproxy_arguments.h"
#include "worker_pool.h"

namespace {

using support::Deadline;
using Client = std::unique_ptr<gfcontext_t>;

// So many requests may wait for a worker. Beyond that the boss waits, and clients that come then
// wait in the kernel's queue.
constexpr std::size_t kQueueCapacity = 256;

// How long requests may go on once the program is told to end.
constexpr std::int64_t kGraceMs = 500;

void run(const proxy_cache::WebproxyArguments& arguments) {
  // First of all: the threads that come later inherit what is blocked now.
  support::UniqueFd stop = support::open_stop_signals();
  support::ignore_sigpipe();
  support::raise_descriptor_limit();
  proxy_cache::CurlLibrary curl;
  proxy_cache::ProxySide side(arguments.instance, arguments.shape);
  proxy_cache::ReadThrough read_through(side, arguments.origin);
  gfhandler_t* handler = arguments.read_through ? &proxy_cache::handle_with_read_through
                                                : &proxy_cache::handle_with_cache;
  void* arg = arguments.read_through ? static_cast<void*>(&read_through) : &side;
  proxy_cache::WorkerPool<Client> workers(
      arguments.threads, kQueueCapacity,
      [handler, arg](Client& client) { gfs::answer(*client, handler, arg); });
  gfs::Server server(arguments.server,
                     [&workers](Client client) { workers.submit(std::move(client)); });
  std::printf("listening on %d\n", static_cast<int>(server.port()));
  std::fflush(stdout);  // who started us may wait for this line
  std::thread boss([&] { server.serve(stop.get()); });
  static_cast<void>(support::wait_for(stop.get(), POLLIN, Deadline::never()));
  // The boss may be waiting for room in the queue. This wakes it, too.
  workers.stop(Deadline::after_ms(kGraceMs), [&](Client& client) {
    client->abort();
    side.end();
    read_through.end();
  });
  boss.join();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    auto arguments = proxy_cache::parse_webproxy_arguments(argc, argv);
    if (arguments.help) {
      std::fputs(proxy_cache::kWebproxyUsage, stdout);
      return 0;
    }
    run(arguments);
    return 0;
  } catch (const support::UsageError& error) {
    std::fprintf(stderr, "webproxy: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "webproxy: %s\n", error.what());
    return 1;
  }
}
