// SegmentPool: hands out the segments to the proxy's threads, in order of arrival.
//
// A request has one segment from before its command goes to the cache until the last byte has left
// it. When there are more requests than segments, those without one stand in a line. A segment that
// comes back goes to the first of the line at once: it is never free in between, so that nobody who
// comes just then can take it first.
//
//     SegmentPool pool(name, 8, 5712);                   // in the proxy; destroys them, too
//     if (auto lease = pool.take(deadline)) {
//       ... lease->segment() is ours ...
//     }                                                  // back to the pool
//
// Ownership: owns the segments. A Lease borrows the pool and gives its segment back when it is
// destroyed, on whatever way that comes about; the pool must outlive it.
// Thread-safety: all functions may be called by any number of threads; a Lease belongs to one.
// Errors: the constructor throws what Segments::create() throws.
#ifndef PROXY_CACHE_SEGMENT_POOL_H_
#define PROXY_CACHE_SEGMENT_POOL_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "labs/support/deadline.h"
#include "segments.h"

namespace proxy_cache {

class SegmentPool {
 public:
  // One segment, until it is destroyed.
  class Lease {
   public:
    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), segment_(other.segment_) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (pool_ != nullptr) pool_->give_back(segment_.number);
    }

    const Segment& segment() const { return segment_; }

   private:
    friend class SegmentPool;
    Lease(SegmentPool* pool, Segment segment) : pool_(pool), segment_(segment) {}

    SegmentPool* pool_;
    Segment segment_;
  };

  // Makes `count` segments of `bytes` bytes.
  SegmentPool(const std::string& name, std::size_t count, std::size_t bytes);

  SegmentPool(const SegmentPool&) = delete;
  SegmentPool& operator=(const SegmentPool&) = delete;

  std::size_t count() const { return segments_.count(); }

  // Waits for a segment, behind all who wait already. std::nullopt when the deadline has passed
  // first, or the pool is closed. A deadline that has passed already takes one that is free.
  std::optional<Lease> take(support::Deadline deadline);

  // Gives nothing out any more, and wakes all who wait. Leases go on until they are destroyed.
  void close();

  // How many segments are nobody's, and how many threads stand in the line. Both may be out of date
  // when you read them; they are for tests and for the curious.
  std::size_t free_count() const;
  std::size_t waiting_count() const;

 private:
  void give_back(std::uint32_t number);

  // TODO(step 1): What the pool has besides its segments. The two functions above tell it.

  const Segments segments_;
};

}  // namespace proxy_cache

#endif  // PROXY_CACHE_SEGMENT_POOL_H_
