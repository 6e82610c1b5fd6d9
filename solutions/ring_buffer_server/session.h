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
  //~ begin step 4: What a session remembers, and the parts of its conversation.
  std::string judge_client(support::Deadline deadline);
  void converse();
  void say_goodbye();
  std::optional<std::size_t> receive(support::Deadline deadline);
  void flush_if_large();

  // One for each kind of command. Each adds its reply to the outbox; false ends the conversation.
  bool answer(Set& command);
  bool answer(const Get& command);
  bool answer(Update& command);
  bool answer(const Delete& command);
  bool answer(const Quit& command);
  bool answer(const Bad& command);
  //~ end

  //~ begin step 6: What UPDATE and DELETE have in common belongs here, if you find something.
  void add_edit_reply(std::uint64_t sequence, Edit result);
  //~ end

  //~ begin step 4: The members.
  support::Stream& stream_;
  Guests::Seat seat_;
  Shared& shared_;
  const SessionOptions& options_;
  Parser parser_;
  Outbox outbox_;
  std::string name_;
  // Small commands are received here, many at a time. Only the front of a large body comes this way
  // and is copied once more; the rest is received where it is wanted. So a larger buffer would make
  // large messages slower. It lives on the thread's stack, which goes back to the system as a whole
  // when the thread ends; the heap may keep what it was given.
  std::array<char, 16 * 1024> buffer_;
  //~ end
};

}  // namespace ring

#endif  // RING_BUFFER_SERVER_SESSION_H_
