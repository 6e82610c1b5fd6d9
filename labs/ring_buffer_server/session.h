// Session: one connection's conversation, from the greeting to the last reply.
//
// It reads bytes from a stream, lets the parser make commands of them, carries them out on the
// ring, and sends the replies. Who started its thread, and whether the stream is a socket or TLS,
// is not its concern.
//
// Ownership: borrows the stream and what all sessions share; both must outlive it.
// Thread-safety: a session runs on one thread. Another thread ends it with Stream::shutdown().
// Errors: none leave run(). A peer that goes away ends its own session and nothing else.
#ifndef RING_BUFFER_SERVER_SESSION_H_
#define RING_BUFFER_SERVER_SESSION_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "guests.h"
#include "handshake.h"
#include "labs/support/deadline.h"
#include "labs/support/stream.h"
#include "outbox.h"
#include "protocol.h"
#include "ring_buffer.h"

namespace ring {

struct SessionOptions {
  std::size_t max_message = 4096;
  std::int64_t handshake_timeout_ms = 5000;  // for the whole handshake, TLS included
  std::optional<std::string> secret;
};

// What all sessions share.
struct Shared {
  explicit Shared(std::size_t capacity) : ring(capacity) {}

  RingBuffer ring;
  std::atomic<std::uint64_t> welcomed{0};  // how many clients were
};

class Session {
 public:
  // Without a seat the client is told that the house is full.
  Session(support::Stream& stream, Guests::Seat seat, Shared& shared,
          const SessionOptions& options);

  // The whole conversation. Returns when either side has ended it.
  void run() noexcept;

 private:
  // TODO(step 4): What a session remembers, and the parts of its conversation.

  // TODO(step 6): What UPDATE and DELETE have in common belongs here, if you find something.

  // TODO(step 4): The members.
};

}  // namespace ring

#endif  // RING_BUFFER_SERVER_SESSION_H_
