// CacheRequest: one key asked for at the cache, and what comes back.
//
//     CacheRequest request(side, path);                  // waits for a segment, sends the command
//     std::optional<Header> header = request.header();   // std::nullopt: no cache answers
//     while (!(chunk = request.next()).empty()) { ... request.release(); }
//     if (!request.is_whole()) ... it was cut ...
//
// It holds a segment for as long as it exists, and when it is destroyed, the segment goes back to
// the pool, on whatever way that comes about: not before the cache has let go of it, or has died.
//
// Ownership: borrows the ProxySide, which must outlive it. Thread-safety: one thread uses it.
// Errors: the constructor throws std::system_error when the queue fails. Everything else is the
// result "no cache answers".
#ifndef PROXY_CACHE_CACHE_REQUEST_H_
#define PROXY_CACHE_CACHE_REQUEST_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "board.h"
#include "proxy_side.h"
#include "segment_pool.h"
#include "shm_channel.h"

namespace proxy_cache {

class CacheRequest {
 public:
  CacheRequest(ProxySide& side, const std::string& key);

  CacheRequest(const CacheRequest&) = delete;
  CacheRequest& operator=(const CacheRequest&) = delete;

  // See ChunkReader.
  std::optional<Header> header();
  std::span<const char> next();
  void release();
  bool is_whole() const;

 private:
  //~ begin step 4: What a request has. Mind the order: the members are destroyed the other way
  //~   round, and the segment must go back last.
  std::optional<SegmentPool::Lease> lease_;
  std::optional<CachePeer> cache_;
  std::optional<ChunkReader> reader_;  // only once the command has been sent
  //~ end
};

}  // namespace proxy_cache

#endif  // PROXY_CACHE_CACHE_REQUEST_H_
