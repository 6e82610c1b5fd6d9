#include "segment_pool.h"

// TODO(step 1): Headers that you need for this step.

namespace proxy_cache {

// TODO(step 1): All segments are free at first.
SegmentPool::SegmentPool(const std::string& name, std::size_t count, std::size_t bytes)
    : segments_(Segments::create(name, count, bytes)) {}

std::optional<SegmentPool::Lease> SegmentPool::take(support::Deadline deadline) {
  // TODO(step 1): Take one that is free, or stand in the line. Who gives up leaves the line.
  (void)deadline;
  return std::nullopt;
}

void SegmentPool::close() {
  // TODO(step 1): Wake everybody; nobody will be woken again.
}

std::size_t SegmentPool::free_count() const {
  // TODO(step 1): How many are nobody's.
  return 0;
}

std::size_t SegmentPool::waiting_count() const {
  // TODO(step 1): How many threads stand in the line.
  return 0;
}

void SegmentPool::give_back(std::uint32_t number) {
  // TODO(step 1): Hand it to the first of the line. If it were only put back and somebody woken,
  // one who comes just then could take it first, and the line would not be one.
  (void)number;
}

// TODO(step 1): Functions of your own can stand here.

}  // namespace proxy_cache
