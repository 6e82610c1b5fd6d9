#include "worker_pool.h"

// TODO(step 3): Headers that you need for this step.

namespace proxy {

// TODO(step 3): Make the handlers, then start the threads. When one cannot be started, those that
// run already must be ended before the exception leaves.
WorkerPool::WorkerPool(std::size_t threads, std::size_t queue_capacity,
                       const MakeHandler& make_handler) {
  (void)threads;
  (void)queue_capacity;
  handler_ = make_handler();
}

WorkerPool::~WorkerPool() {
  // TODO(step 3): No thread may outlive the pool, on whatever way it ends.
}

void WorkerPool::submit(Request request) {
  // TODO(step 3): To the queue. Until then, one request after the other is answered here.
  handler_(*request);
}

void WorkerPool::stop(support::Deadline deadline) {
  // TODO(step 3): Let nothing more in, wait for those at work until the deadline, abort the rest,
  // and join every thread.
  (void)deadline;
}

// TODO(step 3): The parts of it.

}  // namespace proxy
