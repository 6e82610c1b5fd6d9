// BoundedQueue: what the boss puts in and the workers take out.
//
// First in, first out. It holds a limited number of items: a boss that is faster than the workers
// has to wait, instead of filling the memory with work that nobody gets to. (Its clients wait too,
// in the kernel's queue of connections: that is how the pressure gets back to where it comes from.)
//
// close() is for the end: nothing more comes in, what is in the queue can still be taken out, and
// everybody who waits is woken. A waiter that is forgotten there keeps the program from ending.
//
// Ownership: owns the items that are in it.
// Thread-safety: all functions may be called by any number of threads at the same time. No thread
// may be in the queue when it is destroyed.
// Errors: the constructor throws std::invalid_argument.
// Source: the bounded buffer of E. W. Dijkstra (EWD 123, 1965), as a monitor with two conditions
// (C. A. R. Hoare, 1974); pthread_cond_wait(3).
#ifndef PROXY_BOUNDED_QUEUE_H_
#define PROXY_BOUNDED_QUEUE_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

namespace proxy {

template <typename T>
class BoundedQueue {
 public:
  // Holds `capacity` items at most. Throws std::invalid_argument when it is 0.
  explicit BoundedQueue(std::size_t capacity);

  BoundedQueue(const BoundedQueue&) = delete;
  BoundedQueue& operator=(const BoundedQueue&) = delete;

  // Adds an item at the end; waits while the queue is full. False when the queue is closed, before
  // or while it waits: the item is not added.
  bool push(T item);

  // Takes the item from the front; waits while the queue is empty. std::nullopt once the queue is
  // closed and empty.
  std::optional<T> pop();

  // Lets nothing more in, and wakes all that wait. May be called any number of times.
  void close();

 private:
  //~ begin step 3: What the queue has.
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable not_empty_;
  std::condition_variable not_full_;
  std::deque<T> items_;  // guarded by mutex_, as is the next
  bool closed_ = false;
  //~ end
};

//~ begin step 3: Nothing is wrong with 0 until you say so.
//~| template <typename T>
//~| BoundedQueue<T>::BoundedQueue(std::size_t capacity) {
//~|   (void)capacity;
//~| }
template <typename T>
BoundedQueue<T>::BoundedQueue(std::size_t capacity) : capacity_(capacity) {
  if (capacity == 0) throw std::invalid_argument("a queue needs room for one item at least");
}
//~ end

template <typename T>
bool BoundedQueue<T>::push(T item) {
  //~ begin step 3: Wait for room, in a loop: a condition variable may wake without a reason, and
  //~   somebody else may have been quicker. Then add, and wake one who waits for an item.
  //~| (void)item;
  //~| return false;
  {
    std::unique_lock lock(mutex_);
    not_full_.wait(lock, [this] { return closed_ || items_.size() < capacity_; });
    if (closed_) return false;
    items_.push_back(std::move(item));
  }
  // After the lock is given back: who wakes needs it, and would have to wait once more.
  not_empty_.notify_one();
  return true;
  //~ end
}

template <typename T>
std::optional<T> BoundedQueue<T>::pop() {
  //~ begin step 3: Wait for an item, take it, and wake one who waits for room.
  //~| return std::nullopt;
  std::optional<T> item;
  {
    std::unique_lock lock(mutex_);
    not_empty_.wait(lock, [this] { return closed_ || !items_.empty(); });
    if (items_.empty()) return std::nullopt;
    item = std::move(items_.front());
    items_.pop_front();
  }
  not_full_.notify_one();
  return item;
  //~ end
}

template <typename T>
void BoundedQueue<T>::close() {
  //~ begin step 3: Wake everybody, on both sides: not one of them will be woken again.
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  not_empty_.notify_all();
  not_full_.notify_all();
  //~ end
}

}  // namespace proxy

#endif  // PROXY_BOUNDED_QUEUE_H_
