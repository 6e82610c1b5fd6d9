#include "service.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace registration {

//~ begin step 4: Functions of your own can stand here.
namespace {

// Both have an end mark, and the room is as large as a name may be.
void copy_name(const std::string& name, char (&to)[wire::kMaxNameBytes + 1]) {
  std::size_t bytes = std::min(name.size(), wire::kMaxNameBytes);
  std::memcpy(to, name.data(), bytes);
  to[bytes] = '\0';
}

}  // namespace
//~ end

wire::Status Service::carry_out(Member& self, const Request& request,
                                wire::CommResponse& response) {
  //~ begin step 4: Count it, also if it fails; do it; and write the status.
  //~| (void)self;
  //~| (void)request;
  //~| response.status = wire::Status::kBadRequest;
  //~| return wire::Status::kBadRequest;
  self.requests.fetch_add(1, std::memory_order_relaxed);
  wire::Status status = dispatch(self, request, response);
  response.status = status;
  return status;
  //~ end
}

//~ begin step 4: Which action is which; and the two that tell something.
//~| wire::Status Service::dispatch(Member& self, const Request& request, wire::CommResponse& response) {
//~|   (void)self;
//~|   (void)request;
//~|   (void)response;
//~|   return wire::Status::kBadRequest;
//~| }
//~|
//~| wire::Status Service::list(wire::CommResponse& response) {
//~|   (void)response;
//~|   return wire::Status::kBadRequest;
//~| }
//~|
//~| wire::Status Service::stats(const Member& self, wire::CommResponse& response) {
//~|   (void)self;
//~|   (void)response;
//~|   return wire::Status::kBadRequest;
//~| }
wire::Status Service::dispatch(Member& self, const Request& request, wire::CommResponse& response) {
  // An enum from shared memory may have any value, so the default is needed.
  switch (request.action) {
    case wire::Action::kSend:
      return send(self, request);
    case wire::Action::kReceive:
      return receive(self, response);
    case wire::Action::kList:
      return list(response);
    case wire::Action::kStats:
      return stats(self, response);
    default:
      return wire::Status::kBadRequest;
  }
}

wire::Status Service::list(wire::CommResponse& response) {
  Summary summary = registry_.summary();
  std::size_t count = std::min(summary.clients.size(), wire::kMaxClients);
  for (std::size_t i = 0; i < count; ++i) {
    response.entries[i].key = summary.clients[i].key;
    copy_name(summary.clients[i].name, response.entries[i].name);
  }
  response.listed = static_cast<std::uint32_t>(count);
  return wire::Status::kOk;
}

wire::Status Service::stats(const Member& self, wire::CommResponse& response) {
  Summary summary = registry_.summary();
  response.stats.requests = self.requests.load(std::memory_order_relaxed);
  response.stats.total_requests = summary.total_requests;
  response.stats.clients = static_cast<std::uint32_t>(summary.clients.size());
  response.stats.waiting = static_cast<std::uint32_t>(self.inbox.size());
  return wire::Status::kOk;
}
//~ end

wire::Status Service::send(const Member& self, const Request& request) {
  //~ begin step 5: Check the text, find the receiver, and put it into the inbox. The length may be
  //~   any number.
  //~| (void)self;
  //~| (void)request;
  //~| return wire::Status::kBadRequest;
  // Before anything else: without it, the text would be read beyond its end.
  if (request.text_bytes > wire::kMaxTextBytes) return wire::Status::kTooLong;
  std::string_view text = request.text_view();
  constexpr std::string_view kNotAllowed("\0\n", 2);
  if (text.empty() || text.find_first_of(kNotAllowed) != text.npos) {
    return wire::Status::kBadRequest;
  }
  // The receiver may leave at this very moment. Then its inbox lives until we let go of it, and the
  // message goes the way of all those that were not read.
  std::shared_ptr<Member> receiver = registry_.find(request.to);
  if (!receiver) return wire::Status::kNoSuchClient;
  bool has_room = receiver->inbox.put({self.key, self.name, std::string(text)});
  return has_room ? wire::Status::kOk : wire::Status::kMailboxFull;
  //~ end
}

wire::Status Service::receive(Member& self, wire::CommResponse& response) {
  //~ begin step 5: The oldest message, if there is one.
  //~| (void)self;
  //~| (void)response;
  //~| return wire::Status::kBadRequest;
  std::optional<Message> message = self.inbox.take();
  if (!message) return wire::Status::kEmpty;
  response.from = message->from;
  copy_name(message->from_name, response.from_name);
  response.text_bytes = static_cast<std::uint32_t>(message->text.size());
  std::memcpy(response.text, message->text.data(), message->text.size());
  return wire::Status::kOk;
  //~ end
}

}  // namespace registration
