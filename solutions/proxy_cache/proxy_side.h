// ProxySide: the IPC objects as the proxy has them.
//
// First comes the board with the proxy's lock, so that no other proxy of this instance is at work;
// then the segments and the command queue; and last the board is published: the rest is there. They
// are taken away the other way round when it is destroyed.
//
// Ownership: owns the objects. Thread-safety: all functions may be called by any number of threads.
// Errors: the constructor throws InstanceInUse when another proxy of this instance lives, or what
// the objects throw.
#ifndef PROXY_CACHE_PROXY_SIDE_H_
#define PROXY_CACHE_PROXY_SIDE_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>

#include "board.h"
#include "command_queue.h"
#include "labs/support/deadline.h"
#include "names.h"
#include "segment_pool.h"

namespace proxy_cache {

class ProxySide {
 public:
  // A cache that was started before or together with the proxy finds it in less than this.
  static constexpr std::int64_t kFirstCacheMs = 3000;

  ProxySide(std::string_view instance, const Shape& shape);

  ProxySide(const ProxySide&) = delete;
  ProxySide& operator=(const ProxySide&) = delete;

  // The cache that serves now. std::nullopt when there is none. Only in the first kFirstCacheMs of
  // the proxy's life, and if none has come yet, it is waited for.
  std::optional<std::uint32_t> find_cache() const;

  SegmentPool& pool() { return pool_; }
  CommandQueue& commands() { return commands_; }
  CachePeer cache(std::uint32_t epoch) const { return {board_, epoch, is_ending_}; }

  // Ends what waits for the cache or for a segment, now and from now on.
  void end();

 private:
  // The members are made in this order and destroyed the other way round.
  const Names names_;
  Board board_;
  SegmentPool pool_;
  CommandQueue commands_;
  std::atomic<bool> is_ending_{false};
  const support::Deadline first_cache_ = support::Deadline::after_ms(kFirstCacheMs);
};

}  // namespace proxy_cache

#endif  // PROXY_CACHE_PROXY_SIDE_H_
