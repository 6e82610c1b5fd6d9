// CommServer: the server's end of one client's comm channel.
//
// One request, one response, in one loop, and nothing is remembered in between. It waits asleep,
// and costs one post each way: there is no lock, since there is one client and one worker.
//
// As on the connect channel, a request is copied before it is looked at, and no more of it than
// there is room for, whatever length it claims.
//
// Ownership: owns the object and removes it.
// Thread-safety: serve_one() is for one thread at a time; wake(), close() and remove() may be
// called from any.
// Errors: ObjectExists and std::system_error when it is made.
#ifndef REGISTRATION_COMM_SERVER_H_
#define REGISTRATION_COMM_SERVER_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "labs/support/deadline.h"
#include "shared_object.h"
#include "wire.h"

namespace registration {

// A request as it came: nothing in it can be relied upon.
struct Request {
  wire::Action action{};
  wire::Key to = wire::kNoKey;
  std::uint32_t text_bytes = 0;  // as the client says; maybe more than there are in `text`
  std::array<char, wire::kMaxTextBytes> text;

  // Only when text_bytes is no more than wire::kMaxTextBytes.
  std::string_view text_view() const { return {text.data(), text_bytes}; }
};

class CommServer {
 public:
  // Carries out the request and fills in the response, but for its id. It is in shared memory: to
  // be written, not to be read.
  using Handler = std::function<void(const Request&, wire::CommResponse&)>;

  // Makes the channel and opens it.
  explicit CommServer(const std::string& object_name);
  CommServer(const CommServer&) = delete;
  CommServer& operator=(const CommServer&) = delete;
  ~CommServer();

  // Waits for one request, and answers it. False when there was none: wake() or close() was called,
  // or the deadline has passed.
  bool serve_one(const Handler& handler, support::Deadline deadline = support::Deadline::never());

  // Makes a serve_one() that waits return, or the next one that would.
  void wake() noexcept;

  // Tells the client that its channel is closed, and wakes it if it waits.
  void close() noexcept;

  // Removes the object's name. A second time does nothing.
  void remove() noexcept;

 private:
  // TODO(step 4): What this end keeps to itself.
};

}  // namespace registration

#endif  // REGISTRATION_COMM_SERVER_H_
