#include "cache_server.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>

#include <array>
#include <cerrno>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "labs/support/deadline.h"
#include "labs/support/error.h"

namespace proxy_cache {

// TODO(step 3): Functions of your own can stand here.

// TODO(step 3): Keep what you were given. No more than one command for each segment is under way,
// so a queue of that length never keeps the boss waiting.
CacheServer::CacheServer(CacheSide& side, Shelf& shelf, const CacheServerOptions& options) {
  (void)side;
  (void)shelf;
  (void)options;
}

void CacheServer::serve(int stop_fd) {
  // TODO(step 3): Wait for commands, the end of the proxy and the signal to end, all at once, and
  // hand the commands to the workers. In the end, stop them.
  static_cast<void>(support::wait_for(stop_fd, POLLIN, support::Deadline::never()));
}

// TODO(step 3): The parts of it.

void CacheServer::put(const std::string& key, ChunkReader& reader) {
  // TODO(step 6): Take it all, if there is room for it, and keep it only if it is whole. The proxy
  // takes its segment back when the last chunk is released: keep it before that.
  (void)key;
  (void)reader;
}

}  // namespace proxy_cache
