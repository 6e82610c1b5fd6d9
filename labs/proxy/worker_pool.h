// WorkerPool: threads that answer requests, and the queue they take them from.
//
//     boss: Server::serve()  --submit()-->  queue  --->  worker 1: its own Origin
//                                                  --->  worker 2: its own Origin
//                                                  ...
//
// A worker is busy with one request from its beginning to its end. Requests are begun in the order
// in which they were submitted.
//
// stop() ends it: requests that wait in the queue are dropped, which closes their connections.
// Those that a worker is busy with may go on until a deadline, and are aborted then.
//
// Ownership: owns the threads, what each has for itself, and the requests that were submitted.
// Thread-safety: submit() by any number of threads, and stop() by one thread, also while others are
// in submit(). Construct and destroy it on one thread.
// Errors: the constructor throws when a thread cannot be started (std::system_error), or what
// make_handler() throws; the threads that run already are joined first.
#ifndef PROXY_WORKER_POOL_H_
#define PROXY_WORKER_POOL_H_

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "bounded_queue.h"
#include "labs/support/deadline.h"
#include "labs/support/gfserver/gfserver.h"

namespace proxy {

class WorkerPool {
 public:
  using Request = std::unique_ptr<gfcontext_t>;

  // Answers one request. It throws nothing.
  using Handler = std::function<void(gfcontext_t&)>;

  // Makes a worker's handler, and with it what that worker has for itself alone. Called `threads`
  // times by the constructor.
  using MakeHandler = std::function<Handler()>;

  // Starts the threads. Both numbers are 1 at least, or std::invalid_argument is thrown.
  WorkerPool(std::size_t threads, std::size_t queue_capacity, const MakeHandler& make_handler);

  // Stops at once, if stop() has not been called.
  ~WorkerPool();

  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Hands a request to the workers; waits while the queue is full. After stop() the request is
  // dropped.
  void submit(Request request);

  // Ends all work and joins all threads. Requests that are being answered may go on until
  // `deadline`; then they are aborted (Context::abort()).
  void stop(support::Deadline deadline);

 private:
  // TODO(step 3): What the pool has, and what a worker does. Until then there is one handler, and
  // submit() calls it.
  Handler handler_;
};

}  // namespace proxy

#endif  // PROXY_WORKER_POOL_H_
