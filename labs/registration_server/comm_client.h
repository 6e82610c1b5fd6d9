// CommClient: a client's end of its comm channel.
//
// Each function is one exchange. The client sleeps until it is answered; every wire::kLifeCheckMs
// it looks whether the server still lives, so that it never waits for a dead one.
//
// Ownership: owns its mapping of the channel, not the channel. Borrows the function that tells
// whether the server is gone.
// Thread-safety: none: one request at a time.
// Errors: NoObject when there is no channel of this name.
#ifndef REGISTRATION_COMM_CLIENT_H_
#define REGISTRATION_COMM_CLIENT_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "labs/support/deadline.h"
#include "outcome.h"
#include "shared_object.h"
#include "wire.h"

namespace registration {

class CommClient {
 public:
  using IsServerGone = std::function<bool()>;

  CommClient(const std::string& object_name, IsServerGone is_server_gone,
             support::Deadline deadline);

  // One exchange. With kAnswered, response() is the server's answer, until the next call. A text
  // that is too long is sent as far as there is room, with its true length.
  Outcome ask(wire::Action action, support::Deadline deadline);
  Outcome send(wire::Key to, std::string_view text, support::Deadline deadline);

  const wire::CommResponse& response() const { return channel().response; }

 private:
  wire::CommChannel& channel() const { return object_.as<wire::CommChannel>(); }

  // TODO(step 4): The parts of an exchange.
  SharedObject object_;
  IsServerGone is_server_gone_;
};

}  // namespace registration

#endif  // REGISTRATION_COMM_CLIENT_H_
