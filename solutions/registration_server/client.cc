#include "client.h"

#include <utility>

namespace registration {

Client::Reply Client::enroll(std::string_view name, support::Deadline deadline) {
  ConnectClient::Answer answer = connect_.enroll(name, deadline);
  Reply reply{answer.outcome, answer.status};
  if (!reply.is_ok()) return reply;
  key_ = answer.key;
  try {
    // The server has made it before it answered, so there is nothing to wait for.
    comm_.emplace(
        answer.channel_name, [this] { return connect_.is_server_gone(); },
        support::Deadline::after_ms(0));
  } catch (const NoObject&) {
    // Made, and removed again: the server ends just now.
    return {Outcome::kServerGone};
  }
  return reply;
}

Client::Reply Client::send(wire::Key to, std::string_view text, support::Deadline deadline) {
  return reply(comm_->send(to, text, deadline));
}

Client::Reply Client::ask(wire::Action action, support::Deadline deadline) {
  return reply(comm_->ask(action, deadline));
}

Client::Reply Client::unregister(support::Deadline deadline) {
  Reply reply = ask(wire::Action::kUnregister, deadline);
  // Only now: a seat that we leave before would make the server think that we are dead.
  connect_.leave();
  return reply;
}

Client::Reply Client::reply(Outcome outcome) const {
  if (outcome != Outcome::kAnswered) return {outcome};
  return {outcome, response().status};
}

}  // namespace registration
