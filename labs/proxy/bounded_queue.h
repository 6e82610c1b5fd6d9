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
  // TODO(step 3): What the queue has.
};

// TODO(step 3): Nothing is wrong with 0 until you say so.
template <typename T>
BoundedQueue<T>::BoundedQueue(std::size_t capacity) {
  (void)capacity;
}

template <typename T>
bool BoundedQueue<T>::push(T item) {
  // TODO(step 3): Wait for room, in a loop: a condition variable may wake without a reason, and
  // somebody else may have been quicker. Then add, and wake one who waits for an item.
  (void)item;
  return false;
}

template <typename T>
std::optional<T> BoundedQueue<T>::pop() {
  // TODO(step 3): Wait for an item, take it, and wake one who waits for room.
  return std::nullopt;
}

template <typename T>
void BoundedQueue<T>::close() {
  // TODO(step 3): Wake everybody, on both sides: not one of them will be woken again.
}

}  // namespace proxy

#endif  // PROXY_BOUNDED_QUEUE_H_
