// ConnectServer: the server's end of the connect channel.
//
// The channel is one object with one request block, which all who want to register share; wire.h
// says how. This end takes one request after the other, and has nothing to do with the clients'
// mutex: a client that dies or dawdles with it is the other clients' matter.
//
// A request is copied out of the shared memory before it is looked at. A client that changes it in
// between, on purpose, changes the original only. And the id that was answered last is known here,
// not read back from where anybody could write.
//
// It also keeps the seats: what is in them beside the presence.
//
// Ownership: owns the object and removes it. The mutex that says that the server lives belongs to
// the thread that made this; that thread must destroy it, too.
// Thread-safety: serve_one() is for one thread at a time. wake(), close(), and the functions of the
// seats may be called from any thread; one seat is one thread's at a time.
// Errors: ObjectExists and std::system_error when it is made. std::length_error for names that are
// too long for a seat.
#ifndef REGISTRATION_CONNECT_SERVER_H_
#define REGISTRATION_CONNECT_SERVER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "labs/support/deadline.h"
#include "shared_object.h"
#include "wire.h"

namespace registration {

class ConnectServer {
 public:
  // A request as it came: nothing in it can be relied upon.
  struct Request {
    wire::Action action;
    std::uint32_t seat;
    std::uint32_t name_bytes;  // as the client says; maybe more than there are in `name`
    std::string name;          // wire::kMaxNameBytes at most
  };
  struct Answer {
    wire::Status status;
    wire::Key key = wire::kNoKey;
  };
  using Handler = std::function<Answer(const Request&)>;

  // Makes the channel and opens it. max_clients: 1 to wire::kMaxClients.
  ConnectServer(const std::string& instance, std::uint32_t max_clients);
  ConnectServer(const ConnectServer&) = delete;
  ConnectServer& operator=(const ConnectServer&) = delete;
  ~ConnectServer();

  // Waits for one request, and answers it with what the handler says. False when there was none:
  // wake() or close() was called, or the deadline has passed.
  bool serve_one(const Handler& handler, support::Deadline deadline);

  // Makes a serve_one() that waits return, or the next one that would.
  void wake() noexcept;

  // Tells all clients that the server is gone. From here on nothing is answered.
  void close() noexcept;

  bool is_closed() const;

  // Removes the object's name: nobody finds the channel any more. A second time does nothing.
  void remove() noexcept;

  std::uint32_t max_clients() const;

  // Whether the client lives that has this seat (and has not left it).
  bool is_present(std::uint32_t seat) const;

  // Whether the seat can be given to somebody. False for a number that is none.
  bool is_free(std::uint32_t seat) const;

  // Writes down a client, before its comm channel is made: should the server be killed, the next
  // one finds here what to remove.
  void take_seat(std::uint32_t seat, std::string_view name, wire::Key key,
                 std::string_view channel_name);
  // Strikes it out again, after its comm channel is removed.
  void free_seat(std::uint32_t seat) noexcept;

  // Shows how many of the client's requests were answered.
  void show_requests(std::uint32_t seat, std::uint64_t requests) noexcept;

 private:
  //~ begin step 3: What this end keeps to itself.
  wire::ConnectChannel& channel() const { return object_.as<wire::ConnectChannel>(); }
  bool has_request() const;
  bool await_request(support::Deadline deadline);
  Request copy_request() const;

  SharedObject object_;
  std::uint32_t answered_id_ = 0;
  std::atomic<bool> is_woken_{false};
  //~ end
};

}  // namespace registration

#endif  // REGISTRATION_CONNECT_SERVER_H_
