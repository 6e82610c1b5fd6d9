// Service: carries out what clients ask for on their comm channels.
//
// It knows nothing of shared memory, but for the form of a response. It checks what it is given:
// a request holds whatever its client has written there.
//
// Ownership: borrows the registry.
// Thread-safety: any number of threads, each with a request and a response of its own. No thread
// ever waits here for a client, or holds two locks.
// Errors: none, but for want of memory.
#ifndef REGISTRATION_SERVICE_H_
#define REGISTRATION_SERVICE_H_

#include "comm_server.h"
#include "registry.h"
#include "wire.h"

namespace registration {

class Service {
 public:
  explicit Service(Registry& registry) : registry_(registry) {}

  // Carries out one request of `self`, but not kUnregister, which ends a channel and so is its
  // worker's. Counts it, and fills in the response. Returns the status, which is in the response,
  // too, where it is not to be read.
  wire::Status carry_out(Member& self, const Request& request, wire::CommResponse& response);

 private:
  wire::Status dispatch(Member& self, const Request& request, wire::CommResponse& response);
  wire::Status send(const Member& self, const Request& request);
  wire::Status receive(Member& self, wire::CommResponse& response);
  wire::Status list(wire::CommResponse& response);
  wire::Status stats(const Member& self, wire::CommResponse& response);

  Registry& registry_;
};

}  // namespace registration

#endif  // REGISTRATION_SERVICE_H_
