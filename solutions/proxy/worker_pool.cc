#include "worker_pool.h"

//~ begin step 3: Headers that you need for this step.
#include <chrono>
#include <climits>
#include <optional>
#include <stdexcept>
#include <utility>
//~ end

namespace proxy {

//~ begin step 3: Make the handlers, then start the threads. When one cannot be started, those that
//~   run already must be ended before the exception leaves.
//~| WorkerPool::WorkerPool(std::size_t threads, std::size_t queue_capacity,
//~|                        const MakeHandler& make_handler) {
//~|   (void)threads;
//~|   (void)queue_capacity;
//~|   handler_ = make_handler();
//~| }
WorkerPool::WorkerPool(std::size_t threads, std::size_t queue_capacity,
                       const MakeHandler& make_handler)
    : queue_(queue_capacity), workers_(threads) {
  if (threads == 0) throw std::invalid_argument("a pool needs one thread at least");
  for (Worker& worker : workers_) worker.handler = make_handler();
  try {
    for (Worker& worker : workers_) {
      worker.thread = std::thread(&WorkerPool::work, this, std::ref(worker));
    }
  } catch (...) {
    queue_.close();
    join();
    throw;
  }
}
//~ end

WorkerPool::~WorkerPool() {
  //~ begin step 3: No thread may outlive the pool, on whatever way it ends.
  stop(support::Deadline::after_ms(0));
  //~ end
}

void WorkerPool::submit(Request request) {
  //~ begin step 3: To the queue. Until then, one request after the other is answered here.
  //~| handler_(*request);
  // When the queue is closed, the request ends here, and with it the connection.
  static_cast<void>(queue_.push(std::move(request)));
  //~ end
}

void WorkerPool::stop(support::Deadline deadline) {
  //~ begin step 3: Let nothing more in, wait for those at work until the deadline, abort the rest,
  //~   and join every thread.
  //~| (void)deadline;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  queue_.close();
  wait_for_idleness(deadline);
  {
    // Under the lock no worker can finish its request, so none of them can go away here.
    std::lock_guard lock(mutex_);
    for (Worker& worker : workers_) {
      if (worker.request != nullptr) worker.request->abort();
    }
  }
  join();
  //~ end
}

//~ begin step 3: The parts of it.
// What a worker's thread does.
void WorkerPool::work(Worker& worker) {
  while (std::optional<Request> request = queue_.pop()) {
    if (!begin(worker, **request)) continue;
    worker.handler(**request);
    end(worker);
    // The request ends here, and with it the connection.
  }
}

// False when the pool is being stopped: the request is not to be begun.
bool WorkerPool::begin(Worker& worker, gfcontext_t& request) {
  std::lock_guard lock(mutex_);
  if (stopping_) return false;
  worker.request = &request;
  ++busy_;
  return true;
}

void WorkerPool::end(Worker& worker) {
  std::lock_guard lock(mutex_);
  worker.request = nullptr;
  if (--busy_ == 0) idle_.notify_all();
}

void WorkerPool::wait_for_idleness(support::Deadline deadline) {
  int wait_ms = deadline.is_never() ? INT_MAX : deadline.left_ms();
  std::unique_lock lock(mutex_);
  // Nothing begins any more, so once it is idle it stays so.
  idle_.wait_for(lock, std::chrono::milliseconds(wait_ms), [this] { return busy_ == 0; });
}

void WorkerPool::join() {
  for (Worker& worker : workers_) {
    if (worker.thread.joinable()) worker.thread.join();
  }
}
//~ end

}  // namespace proxy
