#include "segment_pool.h"

//~ begin step 1: Headers that you need for this step.
#include <chrono>
//~ end

namespace proxy_cache {

//~ begin step 1: All segments are free at first.
//~| SegmentPool::SegmentPool(const std::string& name, std::size_t count, std::size_t bytes)
//~|     : segments_(Segments::create(name, count, bytes)) {}
SegmentPool::SegmentPool(const std::string& name, std::size_t count, std::size_t bytes)
    : segments_(Segments::create(name, count, bytes)) {
  for (std::uint32_t number = 0; number < count; ++number) free_.push_back(number);
}
//~ end

std::optional<SegmentPool::Lease> SegmentPool::take(support::Deadline deadline) {
  //~ begin step 1: Take one that is free, or stand in the line. Who gives up leaves the line.
  //~| (void)deadline;
  //~| return std::nullopt;
  std::unique_lock lock(mutex_);
  if (is_closed_) return std::nullopt;
  std::uint32_t number;
  if (!free_.empty()) {
    // Nobody stands in the line: whatever comes back while somebody does is handed over at once.
    number = free_.front();
    free_.pop_front();
  } else {
    Waiter waiter;
    if (!wait(lock, waiter, deadline)) return std::nullopt;
    number = *waiter.number;
  }
  return Lease(this, segments_.at(number));
  //~ end
}

void SegmentPool::close() {
  //~ begin step 1: Wake everybody; nobody will be woken again.
  std::lock_guard lock(mutex_);
  is_closed_ = true;
  for (Waiter* waiter : line_) waiter->woken.notify_one();
  //~ end
}

std::size_t SegmentPool::free_count() const {
  //~ begin step 1: How many are nobody's.
  //~| return 0;
  std::lock_guard lock(mutex_);
  return free_.size();
  //~ end
}

std::size_t SegmentPool::waiting_count() const {
  //~ begin step 1: How many threads stand in the line.
  //~| return 0;
  std::lock_guard lock(mutex_);
  return line_.size();
  //~ end
}

void SegmentPool::give_back(std::uint32_t number) {
  //~ begin step 1: Hand it to the first of the line. If it were only put back and somebody woken,
  //~   one who comes just then could take it first, and the line would not be one.
  //~| (void)number;
  std::lock_guard lock(mutex_);
  if (line_.empty()) {
    free_.push_back(number);
    return;
  }
  Waiter* first = line_.front();
  line_.pop_front();
  first->number = number;
  // Under the lock: the waiter lies on its thread's stack, and is gone as soon as that has seen it.
  first->woken.notify_one();
  //~ end
}

//~ begin step 1: Functions of your own can stand here.
// Stands in the line until the waiter has a number, the pool is closed, or the deadline passes.
bool SegmentPool::wait(std::unique_lock<std::mutex>& lock, Waiter& waiter,
                       support::Deadline deadline) {
  auto place = line_.insert(line_.end(), &waiter);
  while (!waiter.number && !is_closed_ && !deadline.has_passed()) {
    if (deadline.is_never()) {
      waiter.woken.wait(lock);
    } else {
      waiter.woken.wait_for(lock, std::chrono::milliseconds(deadline.left_ms()));
    }
  }
  // A number that came at the last moment counts. Who has one has been taken out of the line.
  if (waiter.number) return true;
  line_.erase(place);
  return false;
}
//~ end

}  // namespace proxy_cache
