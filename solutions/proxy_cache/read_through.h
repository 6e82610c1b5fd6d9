// ReadThrough: what the cache does not have is fetched from the origin, and offered to the cache.
//
// Many clients may ask for the same file before the cache has it; the origin is asked once. The
// order is what makes that true: the one who fetches offers the file to the cache before its flight
// lands, and whoever begins a flight looks into the cache once more before it asks the origin.
//
// Ownership: borrows the ProxySide. Thread-safety: serve() by any number of threads.
// Errors: -1, see gfhandler_t.
#ifndef PROXY_CACHE_READ_THROUGH_H_
#define PROXY_CACHE_READ_THROUGH_H_

#include <sys/types.h>

#include <atomic>
#include <memory>
#include <string>

#include "download.h"
#include "labs/support/gfserver/gfserver.h"
#include "proxy_side.h"
#include "single_flight.h"

namespace proxy_cache {

class ReadThrough {
 public:
  // `server`: what the paths are appended to.
  ReadThrough(ProxySide& side, std::string server) : side_(side), server_(std::move(server)) {}

  // Answers the request: from the cache; or from the origin, also when there is no cache at all.
  ssize_t serve(gfcontext_t* ctx, const char* path);

  // Lets downloads end within a second.
  void end() { is_ending_ = true; }

 private:
  //~ begin step 6: The parts of it.
  std::shared_ptr<const Download> fetch(const std::string& path, const std::string& url);
  void offer(const std::string& key, const Content& content);
  bool is_in_cache(const std::string& key);

  SingleFlight<Download> flights_;
  //~ end

  ProxySide& side_;
  const std::string server_;
  std::atomic<bool> is_ending_{false};
};

// `arg`: a ReadThrough.
ssize_t handle_with_read_through(gfcontext_t* ctx, const char* path, void* arg);

}  // namespace proxy_cache

#endif  // PROXY_CACHE_READ_THROUGH_H_
