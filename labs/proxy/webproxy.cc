// webproxy: the proxy's main program. It puts the parts together and waits for the signal to end.
//
//     main thread      waits for SIGINT or SIGTERM
//     boss             Server::serve(): accepts clients, reads their requests, submits them
//     workers          WorkerPool: answer them, each with an Origin of its own
#include <poll.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <thread>
#include <utility>

#include "arguments.h"
#include "handle_with_curl.h"
#include "labs/support/deadline.h"
#include "labs/support/fd.h"
#include "labs/support/gfserver/gfserver.h"
#include "labs/support/options.h"
#include "labs/support/signals.h"
#include "origin.h"
#include "worker_pool.h"

namespace {

using support::Deadline;

// So many requests may wait for a worker. Beyond that the boss waits, and clients that come then
// wait in the kernel's queue.
constexpr std::size_t kQueueCapacity = 256;

// How long requests may go on once the program is told to end. libcurl notices within a second that
// one was aborted, and the whole is to take two at most.
constexpr std::int64_t kGraceMs = 500;

proxy::WorkerPool::Handler make_handler(const proxy::OriginOptions& options) {
  auto origin = std::make_shared<proxy::Origin>(options);  // this worker's own
  return [origin](gfcontext_t& client) {
    gfs::answer(client, &proxy::handle_with_curl, origin.get());
  };
}

void run(const proxy::Arguments& arguments) {
  // First of all: the threads that come later inherit what is blocked now.
  support::UniqueFd stop = support::open_stop_signals();
  support::ignore_sigpipe();
  support::raise_descriptor_limit();
  proxy::CurlLibrary curl;
  proxy::WorkerPool pool(arguments.threads, kQueueCapacity,
                         [&] { return make_handler(arguments.origin); });
  gfs::Server server(arguments.server, [&pool](std::unique_ptr<gfcontext_t> client) {
    pool.submit(std::move(client));
  });
  std::printf("listening on %d\n", static_cast<int>(server.port()));
  std::fflush(stdout);  // who started us may wait for this line
  std::thread boss([&] { server.serve(stop.get()); });
  static_cast<void>(support::wait_for(stop.get(), POLLIN, Deadline::never()));
  // The boss may be waiting for room in the queue. This wakes it, too.
  pool.stop(Deadline::after_ms(kGraceMs));
  boss.join();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    proxy::Arguments arguments = proxy::parse_arguments(argc, argv);
    if (arguments.help) {
      std::fputs(proxy::kUsage, stdout);
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
