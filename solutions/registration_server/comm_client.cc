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
  //~ begin step 4: One exchange.
  //~| (void)action;
  //~| (void)deadline;
  //~| return Outcome::kNoAnswer;
  return exchange(action, deadline);
  //~ end
}

Outcome CommClient::send(wire::Key to, std::string_view text, support::Deadline deadline) {
  //~ begin step 4: Fill in what the others do not have; then one exchange.
  //~| (void)to;
  //~| (void)text;
  //~| (void)deadline;
  //~| return Outcome::kNoAnswer;
  wire::CommRequest& request = channel().request;
  request.to = to;
  request.text_bytes = static_cast<std::uint32_t>(std::min<std::size_t>(text.size(), UINT32_MAX));
  if (!text.empty()) {
    std::memcpy(request.text, text.data(), std::min(text.size(), sizeof request.text));
  }
  return exchange(wire::Action::kSend, deadline);
  //~ end
}

//~ begin step 4: What all requests have in common.
Outcome CommClient::exchange(wire::Action action, support::Deadline deadline) {
  wire::CommChannel& shared = channel();
  shared.request.action = action;
  shared.request.id.store(++last_id_, std::memory_order_release);
  post(&shared.requested);
  AnswerSign sign{shared.header, shared.response.id, &shared.answered};
  return await_answer(sign, last_id_, is_server_gone_, deadline);
}
//~ end

}  // namespace registration
