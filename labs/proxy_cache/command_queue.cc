#include "command_queue.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <stdexcept>

#include "labs/support/deadline.h"
#include "labs/support/error.h"

namespace proxy_cache {

// TODO(step 2): What a message looks like, and functions of your own.

CommandQueue CommandQueue::create(const std::string& name) {
  // TODO(step 2): mq_open(3) with the limits that it is to have. Nobody is to wait in mq_send() or
  // mq_receive() itself: O_NONBLOCK.
  throw std::logic_error("not implemented yet (step 2): create " + name);
}

CommandQueue CommandQueue::open(const std::string& name) {
  // TODO(step 2): The same for a queue that is there.
  throw std::logic_error("not implemented yet (step 2): open " + name);
}

CommandQueue::~CommandQueue() {
  // TODO(step 2): Close it, and unlink it if it is ours.
}

bool CommandQueue::send(const Command& command, const Peer& cache) {
  // TODO(step 2): mq_send(3). When the queue is full, wait until it is not, and now and then look
  // whether the other side is still there. Who came first is to be sent first.
  (void)command;
  (void)cache;
  return false;
}

std::optional<Command> CommandQueue::receive() {
  // TODO(step 2): mq_receive(3), with room for the largest message there can be.
  return std::nullopt;
}

// TODO(step 2): Functions of your own can stand here.

}  // namespace proxy_cache
