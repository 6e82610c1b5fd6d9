// ConnectClient: a client's end of the connect channel, and the sign that the client lives.
//
//     ConnectClient connect(instance, deadline);
//     ConnectClient::Answer answer = connect.enroll("alice", deadline);
//     if (answer.outcome == Outcome::kAnswered && answer.status == wire::Status::kOk) ...
//
// While it is registered it holds the presence of its seat, so that the server learns of its death,
// however sudden. It can ask in turn whether the server lives.
//
// Ownership: owns its mapping of the channel, not the channel. It belongs to the thread that called
// enroll(): that one must leave() or destroy it.
// Thread-safety: none.
// Errors: NoObject when there is no channel before the deadline; std::system_error of calls that
// cannot fail in a correct program. All else is an Outcome.
#ifndef REGISTRATION_CONNECT_CLIENT_H_
#define REGISTRATION_CONNECT_CLIENT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "labs/support/deadline.h"
#include "outcome.h"
#include "shared_object.h"
#include "wire.h"

namespace registration {

class ConnectClient {
 public:
  struct Answer {
    Outcome outcome;
    wire::Status status{};         // with kAnswered
    wire::Key key = wire::kNoKey;  // these with kAnswered and kOk
    std::string channel_name = {};
  };

  // Waits until the server has opened its channel.
  ConnectClient(const std::string& instance, support::Deadline deadline);
  ConnectClient(const ConnectClient&) = delete;
  ConnectClient& operator=(const ConnectClient&) = delete;
  ~ConnectClient();

  // One REGISTER, with the first seat that is free. A name that is too long is sent as far as there
  // is room, with its true length: it is the server that refuses it. Not to be called again after
  // it was answered with kOk.
  Answer enroll(std::string_view name, support::Deadline deadline);

  // Gives up the seat. Without it the server would take us for dead, which comes to the same.
  void leave() noexcept;

  // Whether the server has closed the channel, or died.
  bool is_server_gone() const;

 private:
  //~ begin step 3: What this end keeps, and the parts of enroll().
  wire::ConnectChannel& channel() const { return object_.as<wire::ConnectChannel>(); }
  Answer enroll_alone(std::string_view name, support::Deadline deadline);
  Outcome settle(support::Deadline deadline);
  Outcome await(std::uint32_t id, support::Deadline deadline);
  void take_free_seat();
  void write_request(std::string_view name, std::uint32_t id);
  Answer accepted() const;

  SharedObject object_;
  std::uint32_t seat_ = wire::kNoSeat;
  //~ end
};

}  // namespace registration

#endif  // REGISTRATION_CONNECT_CLIENT_H_
