// WorkerPool: threads that do what the boss hands them, and the queue in between.
//
//     boss  --submit()-->  queue  --->  worker 1
//                                 --->  worker 2
//                                 ...
//
// A worker is busy with one item from its beginning to its end. Items are begun in the order in
// which they were submitted. The queue holds a limited number of them: a boss that is faster than
// the workers has to wait.
//
// stop() ends it: items that wait in the queue are destroyed. Those that a worker is busy with may
// go on until a deadline; then each of them is handed to `abort`, which sees to it that the work on
// it ends soon.
//
// Ownership: owns the threads and the items that were submitted.
// Thread-safety: submit() by any number of threads, and stop() by one thread, also while others are
// in submit(). Construct and destroy it on one thread.
// Errors: the constructor throws std::invalid_argument for 0, and std::system_error when a thread
// cannot be started; the threads that run already are joined first.
#ifndef PROXY_CACHE_WORKER_POOL_H_
#define PROXY_CACHE_WORKER_POOL_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "labs/support/deadline.h"

namespace proxy_cache {

template <typename Item>
class WorkerPool {
 public:
  // Neither may throw.
  using Work = std::function<void(Item&)>;
  using Abort = std::function<void(Item&)>;

  // Starts `threads` threads. Up to `capacity` items wait in the queue.
  WorkerPool(std::size_t threads, std::size_t capacity, Work work);

  // Stops at once, if stop() has not been called: waits for those at work without a deadline.
  ~WorkerPool();

  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Hands an item to the workers; waits while the queue is full. After stop() it is destroyed.
  void submit(Item item);

  // Ends all work and joins all threads.
  void stop(support::Deadline deadline, const Abort& abort);

 private:
  // TODO(step 3): What the pool has, and what a worker does. Until then, submit() does the work.
  const Work work_;
};

// TODO(step 3): Start the threads. When one cannot be started, those that run already must be
// ended before the exception leaves.
template <typename Item>
WorkerPool<Item>::WorkerPool(std::size_t threads, std::size_t capacity, Work work)
    : work_(std::move(work)) {
  (void)threads;
  (void)capacity;
}

template <typename Item>
WorkerPool<Item>::~WorkerPool() {
  // TODO(step 3): No thread may outlive the pool, on whatever way it ends.
}

template <typename Item>
void WorkerPool<Item>::submit(Item item) {
  // TODO(step 3): To the queue, once there is room in it. Until then, the work is done here.
  work_(item);
}

template <typename Item>
void WorkerPool<Item>::stop(support::Deadline deadline, const Abort& abort) {
  // TODO(step 3): Let nothing more in, wait for those at work until the deadline, abort the rest,
  // and join every thread.
  (void)deadline;
  (void)abort;
}

// TODO(step 3): The parts of it.
}  // namespace proxy_cache

#endif  // PROXY_CACHE_WORKER_POOL_H_
