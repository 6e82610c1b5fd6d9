#include "connect_client.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "exchange.h"
#include "robust_mutex.h"
#include "wakeup.h"

namespace registration {

// TODO(step 3): Open the channel. Functions of your own can stand here, too.
ConnectClient::ConnectClient(const std::string& instance, support::Deadline deadline) {
  (void)instance;
  (void)deadline;
  throw std::logic_error("not implemented yet (step 3)");
}

ConnectClient::~ConnectClient() {
  // TODO(step 3): A mutex must not be held when its memory goes.
}

ConnectClient::Answer ConnectClient::enroll(std::string_view name, support::Deadline deadline) {
  // TODO(step 3): Get the mutex, and never wait for a server that is gone meanwhile. The one who
  // had it before may have died or given up in the middle of an exchange.
  (void)name;
  (void)deadline;
  return {Outcome::kNoAnswer};
}

void ConnectClient::leave() noexcept {
  // TODO(step 3): Let go of the presence, if there is one.
}

bool ConnectClient::is_server_gone() const {
  // TODO(step 3): It has said so, or nobody has its sign of life.
  return true;
}

// TODO(step 3): The parts of enroll(), while the mutex is held.

}  // namespace registration
