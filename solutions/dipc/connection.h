// Connection: one client's conversation, from its first byte to the last reply.
//
// It receives bytes, lets the parser make requests of them, carries them out on the mailboxes, and
// sends the replies: all those of what has come in with one call. It also is the parser's clock.
//
// How it ends: by a quit; by the end of the client's stream, when all that came before is answered;
// by an error; or because the server ends. Then stop() makes sure that the client gets whole
// replies and, after the last of them, the end of the stream.
//
// Ownership: borrows the stream and the mailboxes; both must outlive it.
// Thread-safety: run() is for one thread. stop() may be called from any other.
// Errors: none leave run(). A client that goes away ends its own connection and nothing else.
#ifndef DIPC_CONNECTION_H_
#define DIPC_CONNECTION_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "datagram.h"
#include "labs/support/stream.h"
#include "mailboxes.h"
#include "reply_buffer.h"

namespace dipc {

struct ConnectionOptions {
  std::size_t packet_bytes = 0;
  std::int64_t pause_ms = 100;
  std::int64_t data_timeout_ms = 60'000;
};

class Connection {
 public:
  Connection(support::Stream& stream, Mailboxes& mailboxes, const ConnectionOptions& options);

  // The whole conversation. Returns when either side has ended it.
  void run() noexcept;

  // Asks for the end: at once when the client is being waited for, else as soon as what was
  // received is answered. The client sees the end of the stream, and run() returns when it has
  // closed its side too, or after some time.
  void stop() noexcept;

 private:
  //~ begin step 4: What a connection remembers, and the parts of its conversation.
  // Receiving and being stopped must not miss each other, hence one word for both.
  enum class State { kBusy, kReceiving, kStopped };

  void converse();
  bool receive();

  // One for each kind of request. Each adds its reply; false ends the conversation.
  bool answer(const Read& request);
  bool answer(const Write& request);
  bool answer(const Quit& request);
  bool answer(const Bad& request);

  support::Stream& stream_;
  Mailboxes& mailboxes_;
  const ConnectionOptions& options_;
  DatagramParser parser_;
  ReplyBuffer replies_;
  bool client_has_ended_ = false;
  std::atomic<State> state_{State::kBusy};
  //~ end
};

}  // namespace dipc

#endif  // DIPC_CONNECTION_H_
