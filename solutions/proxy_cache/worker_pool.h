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
  //~ begin step 3: What the pool has, and what a worker does. Until then, submit() does the work.
  //~| const Work work_;
  void run(std::size_t worker);
  bool begin(std::size_t worker, std::optional<Item>& item);
  void end(std::size_t worker);
  void close();
  void wait_until_idle(support::Deadline deadline);
  void join();

  const std::size_t capacity_;
  const Work work_;
  std::vector<Item*> current_;  // guarded by mutex_: what each worker is busy with, or null
  std::vector<std::thread> threads_;

  std::mutex mutex_;
  std::condition_variable not_empty_;
  std::condition_variable not_full_;
  std::condition_variable idle_;  // busy_ has become 0
  std::deque<Item> items_;        // guarded by mutex_, as are the next two
  std::size_t busy_ = 0;
  bool is_closed_ = false;
  //~ end
};

//~ begin step 3: Start the threads. When one cannot be started, those that run already must be
//~   ended before the exception leaves.
//~| template <typename Item>
//~| WorkerPool<Item>::WorkerPool(std::size_t threads, std::size_t capacity, Work work)
//~|     : work_(std::move(work)) {
//~|   (void)threads;
//~|   (void)capacity;
//~| }
template <typename Item>
WorkerPool<Item>::WorkerPool(std::size_t threads, std::size_t capacity, Work work)
    : capacity_(capacity), work_(std::move(work)), current_(threads, nullptr) {
  if (threads == 0 || capacity == 0) {
    throw std::invalid_argument("a pool needs one thread and room for one item at least");
  }
  try {
    for (std::size_t worker = 0; worker < threads; ++worker) {
      threads_.emplace_back(&WorkerPool::run, this, worker);
    }
  } catch (...) {
    close();
    join();
    throw;
  }
}
//~ end

template <typename Item>
WorkerPool<Item>::~WorkerPool() {
  //~ begin step 3: No thread may outlive the pool, on whatever way it ends.
  stop(support::Deadline::never(), [](Item&) {});
  //~ end
}

template <typename Item>
void WorkerPool<Item>::submit(Item item) {
  //~ begin step 3: To the queue, once there is room in it. Until then, the work is done here.
  //~| work_(item);
  {
    std::unique_lock lock(mutex_);
    not_full_.wait(lock, [this] { return is_closed_ || items_.size() < capacity_; });
    if (is_closed_) return;
    items_.push_back(std::move(item));
  }
  // After the lock is given back: who wakes needs it, and would have to wait once more.
  not_empty_.notify_one();
  //~ end
}

template <typename Item>
void WorkerPool<Item>::stop(support::Deadline deadline, const Abort& abort) {
  //~ begin step 3: Let nothing more in, wait for those at work until the deadline, abort the rest,
  //~   and join every thread.
  //~| (void)deadline;
  //~| (void)abort;
  close();
  wait_until_idle(deadline);
  {
    // Under the lock no worker can be done with its item, so none of them can go away here.
    std::lock_guard lock(mutex_);
    for (Item* item : current_) {
      if (item != nullptr) abort(*item);
    }
  }
  join();
  //~ end
}

//~ begin step 3: The parts of it.
// What a worker's thread does.
template <typename Item>
void WorkerPool<Item>::run(std::size_t worker) {
  for (;;) {
    std::optional<Item> item;
    if (!begin(worker, item)) return;
    work_(*item);
    end(worker);
    // The item is destroyed here, without the lock: that may take a while.
  }
}

// Takes the next item. False when the pool is closed.
template <typename Item>
bool WorkerPool<Item>::begin(std::size_t worker, std::optional<Item>& item) {
  {
    std::unique_lock lock(mutex_);
    not_empty_.wait(lock, [this] { return is_closed_ || !items_.empty(); });
    if (is_closed_) return false;
    item = std::move(items_.front());
    items_.pop_front();
    current_[worker] = &*item;
    ++busy_;
  }
  not_full_.notify_one();
  return true;
}

template <typename Item>
void WorkerPool<Item>::end(std::size_t worker) {
  std::lock_guard lock(mutex_);
  current_[worker] = nullptr;
  if (--busy_ == 0) idle_.notify_all();
}

template <typename Item>
void WorkerPool<Item>::close() {
  std::deque<Item> dropped;  // destroyed after the lock has been given back
  {
    std::lock_guard lock(mutex_);
    is_closed_ = true;
    dropped.swap(items_);
  }
  not_empty_.notify_all();
  not_full_.notify_all();
}

template <typename Item>
void WorkerPool<Item>::wait_until_idle(support::Deadline deadline) {
  std::unique_lock lock(mutex_);
  auto is_idle = [this] { return busy_ == 0; };  // nothing begins any more, so it stays so
  if (deadline.is_never()) {
    idle_.wait(lock, is_idle);
  } else {
    idle_.wait_for(lock, std::chrono::milliseconds(deadline.left_ms()), is_idle);
  }
}

template <typename Item>
void WorkerPool<Item>::join() {
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}
//~ end
}  // namespace proxy_cache

#endif  // PROXY_CACHE_WORKER_POOL_H_
