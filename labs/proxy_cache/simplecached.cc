// simplecached: the cache's main program. It looks for a proxy and serves it, one after the other,
// until it is told to end.
//
//     main thread      the boss (CacheServer::serve()); between two proxies it looks for the next
//     workers          carry out the commands
#include <poll.h>

#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>

#include "cache_server.h"
#include "cache_side.h"
#include "labs/support/deadline.h"
#include "labs/support/fd.h"
#include "labs/support/options.h"
#include "labs/support/signals.h"
#include "labs/support/simplecache/simplecache.h"
#include "shelf.h"
#include "simplecached_arguments.h"

namespace {

using support::Deadline;

// How often to look for a proxy while there is none.
constexpr std::int64_t kLookMs = 50;

void say_ready() {
  std::puts("ready");
  std::fflush(stdout);  // who started us may wait for this line
}

void run(const proxy_cache::SimplecachedArguments& arguments) {
  // First of all: the threads that come later inherit what is blocked now.
  support::UniqueFd stop = support::open_stop_signals();
  support::raise_descriptor_limit();
  simplecache_init(arguments.index);
  proxy_cache::Shelf shelf(arguments.budget_bytes);
  bool is_ready = false, is_told_to_end = false;
  while (!is_told_to_end) {
    std::unique_ptr<proxy_cache::CacheSide> side =
        proxy_cache::CacheSide::attach(arguments.instance);
    // After the first look: if a proxy is there, we have found it by now.
    if (!is_ready) say_ready();
    is_ready = true;
    if (side) proxy_cache::CacheServer(*side, shelf, arguments.server).serve(stop.get());
    side.reset();  // before we look for another one
    is_told_to_end = support::wait_for(stop.get(), POLLIN, Deadline::after_ms(kLookMs));
  }
  simplecache_destroy();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    auto arguments = proxy_cache::parse_simplecached_arguments(argc, argv);
    if (arguments.help) {
      std::fputs(proxy_cache::kSimplecachedUsage, stdout);
      return 0;
    }
    run(arguments);
    return 0;
  } catch (const support::UsageError& error) {
    std::fprintf(stderr, "simplecached: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "simplecached: %s\n", error.what());
    return 1;
  }
}
