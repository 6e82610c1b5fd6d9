// Stream: a connection that carries bytes both ways, whatever it is made of.
//
// A server that talks through this interface does not know whether the bytes go through a plain
// socket or through TLS. SocketStream is the plain one.
//
// Ownership: a stream owns its descriptor and closes it when it is destroyed.
// Thread-safety: one thread may read while another one writes, and any thread may call shutdown()
// to wake them both. Destroy a stream only when no thread is in it.
// Errors: std::system_error from the call that failed, for example "send: Broken pipe" when the
// peer has gone. After an error a stream is good for nothing but its destructor.
#ifndef LABS_SUPPORT_STREAM_H_
#define LABS_SUPPORT_STREAM_H_

#include <sys/uio.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "labs/support/deadline.h"
#include "labs/support/fd.h"

namespace support {

class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;

  // What both ends must agree on before the first byte. A plain socket needs nothing of the kind.
  virtual void open(Deadline /*deadline*/) {}

  // Reads what is there, at most buffer.size() bytes; waits while nothing is there. 0 is the end
  // of the stream, or shutdown() was called. std::nullopt when the deadline passed first.
  virtual std::optional<std::size_t> read_some(std::span<char> buffer,
                                               Deadline deadline = Deadline::never()) = 0;

  // Writes some of the pieces' bytes, in order, and returns how many: at least one of them, and
  // maybe fewer than all.
  virtual std::size_t write_some(std::span<const iovec> pieces) = 0;

  // Tells the peer that nothing more will come; reading goes on.
  virtual void end_writing() noexcept = 0;

  // Ends the connection both ways. Threads that wait in it wake: reading finds the end of the
  // stream, writing fails. May be called from any thread, any number of times.
  virtual void shutdown() noexcept = 0;

  // Writes all of it, however many calls that takes.
  void write_all(std::string_view bytes);
  // The same for several pieces. The array is used up: its entries move on with what is sent.
  void write_all(std::span<iovec> pieces);

  // Says goodbye so that the last words arrive: ends writing, then reads and forgets what still
  // comes until the peer closes too or the deadline passes. A socket that is closed with unread
  // bytes in it sends a reset (RFC 2525, 2.17), and a reset may overtake the last reply in the
  // peer's buffers.
  void linger(Deadline deadline) noexcept;
};

// A connected socket as a stream.
class SocketStream : public Stream {
 public:
  explicit SocketStream(UniqueFd fd) : fd_(std::move(fd)) {}

  std::optional<std::size_t> read_some(std::span<char> buffer,
                                       Deadline deadline = Deadline::never()) override;
  std::size_t write_some(std::span<const iovec> pieces) override;
  void end_writing() noexcept override;
  void shutdown() noexcept override;

 private:
  const UniqueFd fd_;
};

}  // namespace support

#endif  // LABS_SUPPORT_STREAM_H_
