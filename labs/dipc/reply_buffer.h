// ReplyBuffer: replies that wait to be sent together.
//
// A client may send a hundred requests without waiting for an answer. A system call for each reply
// would cost more than the rest of the work. So replies are written one behind the other into this
// buffer, and leave with one call. A mailbox's data is copied straight into it, and that is the
// only copy that is made.
//
// The memory is kept from one reply to the next, and never filled with zeros: asking for a whole
// mailbox's room costs nothing until it is written to.
//
// Thread-safety: none; it belongs to one connection's thread.
// Errors: std::bad_alloc; flush() throws what Stream::write_all() throws.
#ifndef DIPC_REPLY_BUFFER_H_
#define DIPC_REPLY_BUFFER_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "labs/support/stream.h"

namespace dipc {

class ReplyBuffer {
 public:
  // Room for at least `bytes` more. It is a part of the buffer once added() says so.
  std::span<char> room(std::size_t bytes);
  void added(std::size_t bytes) { size_ += bytes; }

  void add(std::string_view bytes);

  std::size_t size() const { return size_; }

  // Sends all of it.
  void flush(support::Stream& stream);

 private:
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
};

}  // namespace dipc

#endif  // DIPC_REPLY_BUFFER_H_
