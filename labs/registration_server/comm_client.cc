#include "comm_client.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "exchange.h"
#include "wakeup.h"

namespace registration {

CommClient::CommClient(const std::string& object_name, IsServerGone is_server_gone,
                       support::Deadline deadline)
    : object_(
          SharedObject::open(object_name, sizeof(wire::CommChannel), wire::kCommMagic, deadline)),
      is_server_gone_(std::move(is_server_gone)) {}

Outcome CommClient::ask(wire::Action action, support::Deadline deadline) {
  // TODO(step 4): One exchange.
  (void)action;
  (void)deadline;
  return Outcome::kNoAnswer;
}

Outcome CommClient::send(wire::Key to, std::string_view text, support::Deadline deadline) {
  // TODO(step 4): Fill in what the others do not have; then one exchange.
  (void)to;
  (void)text;
  (void)deadline;
  return Outcome::kNoAnswer;
}

// TODO(step 4): What all requests have in common.

}  // namespace registration
