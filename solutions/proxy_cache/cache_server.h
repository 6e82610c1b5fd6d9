// CacheServer: the boss and the workers of simplecached, for as long as one proxy is there.
//
//     boss        serve(): waits for a command, for the proxy's end, for the signal to end
//     workers     each takes a command, and writes the content into the command's segment
//
// A worker is busy with a command until its content has been read: a client that reads slowly keeps
// one worker busy. The boss waits for nobody: it passes the commands on, and answers by itself only
// what fits into one slot.
//
// Ownership: borrows the CacheSide and the Shelf; owns the threads.
// Thread-safety: serve() by one thread, once. The Shelf is used by all workers at the same time.
// Errors: serve() throws std::system_error when the queue fails.
#ifndef PROXY_CACHE_CACHE_SERVER_H_
#define PROXY_CACHE_CACHE_SERVER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "board.h"
#include "cache_side.h"
#include "labs/support/fd.h"
#include "shelf.h"
#include "shm_channel.h"
#include "worker_pool.h"

namespace proxy_cache {

struct CacheServerOptions {
  std::size_t threads = 8;
  std::int64_t delay_us = 0;  // before each answer, for testing
};

class CacheServer {
 public:
  CacheServer(CacheSide& side, Shelf& shelf, const CacheServerOptions& options);

  // Serves until `stop_fd` is readable, or the proxy has ended. Transfers may go on for a moment
  // then; those that still last are cut.
  void serve(int stop_fd);

 private:
  // Takes in what the proxy offers (step 6).
  void put(const std::string& key, ChunkReader& reader);

  //~ begin step 3: What belongs to it, and how a command is carried out.
  void take_commands();
  bool answer_at_once(const Command& command) noexcept;
  void carry_out(const Command& command) noexcept;
  template <typename Work>
  void in_segment(const Command& command, Work work) noexcept;
  void wait_delay() const;
  void get(const Content* content, ChunkWriter& writer);

  CacheSide& side_;
  Shelf& shelf_;
  const CacheServerOptions options_;
  std::atomic<bool> is_ending_{false};
  const ProxyPeer proxy_;
  const support::UniqueFd end_fd_;  // readable when delays are to end
  const std::size_t slot_bytes_;
  // One for each segment: only one worker at a time is busy with it. When the proxy uses a segment
  // again, the worker before may not be quite done yet with what it does after its last post. (And
  // ThreadSanitizer, which does not see the order that the other process gives, sees this one.)
  std::vector<std::mutex> in_use_;
  WorkerPool<Command> workers_;  // last: its threads use all the others
  //~ end
};

}  // namespace proxy_cache

#endif  // PROXY_CACHE_CACHE_SERVER_H_
