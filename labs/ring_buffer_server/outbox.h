// Outbox: replies that wait to be sent together.
//
// A client may send a hundred commands without waiting for an answer. Sending each reply on its own
// would cost a hundred system calls; the outbox collects them and sends them with one.
//
// A large body is not copied on its way out: the outbox keeps the message alive and hands the
// body's own bytes to the kernel, one piece in a list of pieces (writev(2) calls that "gather").
//
// Ownership: borrows the stream; shares the messages until they are sent.
// Thread-safety: none; an outbox belongs to one connection's thread.
// Errors: flush() throws what Stream::write_all() throws.
#ifndef RING_BUFFER_SERVER_OUTBOX_H_
#define RING_BUFFER_SERVER_OUTBOX_H_

#include <sys/uio.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "labs/support/stream.h"
#include "ring_buffer.h"

namespace ring {

class Outbox {
 public:
  explicit Outbox(support::Stream& stream) : stream_(stream) {}

  // Adds bytes as they are.
  void add(std::string_view bytes);

  // Adds a message as the protocol writes it: its MSG line, its body, a newline.
  void add_message(const MessagePtr& message);

  // How many bytes wait.
  std::size_t size() const { return size_; }

  // Sends all of it.
  void flush();

 private:
  // A body that is sent from where it is, and where in text_ it has its place.
  struct Body {
    std::size_t text_before;
    MessagePtr message;
  };

  support::Stream& stream_;
  std::string text_;           // all that is copied, in order
  std::vector<Body> bodies_;   // in order
  std::vector<iovec> pieces_;  // used by flush() only; kept for its memory
  std::size_t size_ = 0;
};

}  // namespace ring

#endif  // RING_BUFFER_SERVER_OUTBOX_H_
