#include "comm_server.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "wakeup.h"

namespace registration {

// TODO(step 4): Make the channel, and open it. Functions of your own can stand here, too.
CommServer::CommServer(const std::string& object_name) {
  (void)object_name;
  throw std::logic_error("not implemented yet (step 4)");
}

CommServer::~CommServer() {
  // TODO(step 4): The client must not wait any longer.
}

bool CommServer::serve_one(const Handler& handler, support::Deadline deadline) {
  // TODO(step 4): Sleep until there is a request whose id is not the one answered last. Copy it,
  // have it carried out, and answer.
  (void)handler;
  (void)deadline;
  return false;
}

void CommServer::wake() noexcept {
  // TODO(step 4): Somebody who is woken must see why.
}

void CommServer::close() noexcept {
  // TODO(step 4): Say so, and wake both sides.
}

void CommServer::remove() noexcept {
  // TODO(step 4): The name only: the client may still look at the memory.
}

// TODO(step 4): The parts of serve_one().

}  // namespace registration
