#include "service.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace registration {

// TODO(step 4): Functions of your own can stand here.

wire::Status Service::carry_out(Member& self, const Request& request,
                                wire::CommResponse& response) {
  // TODO(step 4): Count it, also if it fails; do it; and write the status.
  (void)self;
  (void)request;
  response.status = wire::Status::kBadRequest;
  return wire::Status::kBadRequest;
}

// TODO(step 4): Which action is which; and the two that tell something.
wire::Status Service::dispatch(Member& self, const Request& request, wire::CommResponse& response) {
  (void)self;
  (void)request;
  (void)response;
  return wire::Status::kBadRequest;
}

wire::Status Service::list(wire::CommResponse& response) {
  (void)response;
  return wire::Status::kBadRequest;
}

wire::Status Service::stats(const Member& self, wire::CommResponse& response) {
  (void)self;
  (void)response;
  return wire::Status::kBadRequest;
}

wire::Status Service::send(const Member& self, const Request& request) {
  // TODO(step 5): Check the text, find the receiver, and put it into the inbox. The length may be
  // any number.
  (void)self;
  (void)request;
  return wire::Status::kBadRequest;
}

wire::Status Service::receive(Member& self, wire::CommResponse& response) {
  // TODO(step 5): The oldest message, if there is one.
  (void)self;
  (void)response;
  return wire::Status::kBadRequest;
}

}  // namespace registration
