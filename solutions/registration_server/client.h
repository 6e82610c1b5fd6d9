// Client: one that is registered, from one thread, with both channels behind it.
//
//     Client client(instance, deadline);
//     if (client.enroll("alice", deadline) is kAnswered and kOk) ...
//     client.send(key, "hello", deadline);
//
// Ownership: owns its ends of the channels. When it is destroyed without unregister(), the server
// takes it for dead, and clears up after it.
// Thread-safety: none: it belongs to the thread that called enroll().
// Errors: NoObject when there is no server. All else is an Outcome.
#ifndef REGISTRATION_CLIENT_H_
#define REGISTRATION_CLIENT_H_

#include <optional>
#include <string>
#include <string_view>

#include "comm_client.h"
#include "connect_client.h"
#include "labs/support/deadline.h"
#include "outcome.h"
#include "wire.h"

namespace registration {

class Client {
 public:
  // What came of a request. The status is there with kAnswered.
  struct Reply {
    Outcome outcome;
    wire::Status status{};

    bool is_ok() const { return outcome == Outcome::kAnswered && status == wire::Status::kOk; }
  };

  Client(const std::string& instance, support::Deadline deadline) : connect_(instance, deadline) {}

  Reply enroll(std::string_view name, support::Deadline deadline);
  wire::Key key() const { return key_; }

  // These after enroll() was kOk.
  Reply send(wire::Key to, std::string_view text, support::Deadline deadline);
  Reply ask(wire::Action action, support::Deadline deadline);  // kReceive, kList, kStats

  // After this the Client is good for nothing but its destructor.
  Reply unregister(support::Deadline deadline);

  // What the last answer brought.
  const wire::CommResponse& response() const { return comm_->response(); }

 private:
  Reply reply(Outcome outcome) const;

  ConnectClient connect_;
  std::optional<CommClient> comm_;
  wire::Key key_ = wire::kNoKey;
};

}  // namespace registration

#endif  // REGISTRATION_CLIENT_H_
