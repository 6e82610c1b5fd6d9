// Context: one client that has asked for a path and waits for the answer.
//
// The server makes one for each request. Whoever holds it answers with one header and then exactly
// as many bytes as the header said:
//
//     context->send_header(Status::kOk, 11);
//     context->send("Hello ");          // returns 6, or fewer when the client reads slowly
//     context->send("world");
//
// When the context is destroyed, the connection is closed. A client that has been promised more
// bytes than it got sees the connection end too early, and so knows that its file is not whole. It
// must not be given other bytes instead: it could not tell them from the file's.
//
// Ownership: owns the connection. The server gives it away as a std::unique_ptr: it may be handed
// to another thread, wait in a queue, and outlive the server. Thread-safety: one thread uses it.
// Any thread may call abort() as long as the object exists. Errors: by return values: -1 with errno
// set. EPIPE and ECONNRESET: the client has gone. ETIMEDOUT: it has not read a byte for too long.
// ECANCELED: abort() was called. EINVAL: the caller's mistake. After an error a context is good for
// nothing but its destructor. SIGPIPE is never raised.
#ifndef LABS_SUPPORT_GFSERVER_CONTEXT_H_
#define LABS_SUPPORT_GFSERVER_CONTEXT_H_

#include <sys/types.h>
#include <sys/uio.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "labs/support/fd.h"
#include "labs/support/gfserver/wire.h"

namespace gfs {

class Context {
 public:
  // How long a client may leave its receive buffer full before it is given up.
  static constexpr std::int64_t kSendTimeoutMs = 30'000;

  // `fd` is the connection, a socket. `place`, if there is one, is let go after the connection has
  // been closed: by it the server knows how many are open.
  Context(support::UniqueFd fd, Wire wire, std::string path, std::shared_ptr<void> place = nullptr);
  ~Context();

  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  // What the client asked for. It begins with '/'; anything else about it is the client's choice.
  const std::string& path() const { return path_; }

  // Sends the header; `length` is how many bytes of content will follow a kOk. It may wait here and
  // leave together with the first content, in one packet. Returns 0, or -1.
  int send_header(Status status, std::uint64_t length = 0);

  // Sends some of the bytes, at least one of them, and returns how many: fewer than all when the
  // client reads slowly, as with send(2). Waits while there is room for none. More bytes than the
  // header said are not sent: EINVAL, as is content without a kOk header. `flags`: 0, or MSG_MORE
  // (send(2)) when the next bytes come at once: small pieces then leave together, in one packet. If
  // nothing comes after all, the kernel sends them after 200 ms, or when the connection is closed.
  ssize_t send(std::string_view bytes, int flags = 0);

  bool header_sent() const { return header_sent_; }

  // What the header has promised and send() has not sent yet.
  std::uint64_t bytes_left() const { return bytes_left_; }

  // Whether the client has closed the connection or it has broken. A handler that waits for
  // something else asks now and then, so that it does not work for nobody.
  bool client_has_gone() const;

  // Ends the connection both ways: send() fails from now on, and wakes if it waits. The thread that
  // uses the context sees it by is_aborted().
  void abort() noexcept;
  bool is_aborted() const { return aborted_.load(std::memory_order_acquire); }

 private:
  ssize_t send_some(std::span<const iovec> pieces, int flags);
  int flush_header();
  void say_goodbye() noexcept;

  // Before fd_, so that it is destroyed after it.
  const std::shared_ptr<void> place_;
  const support::UniqueFd fd_;
  const Wire wire_;
  const std::string path_;
  bool header_sent_ = false;
  std::string header_;            // what of it has not left yet
  std::uint64_t bytes_left_ = 0;  // see bytes_left()
  std::atomic<bool> aborted_{false};
};

}  // namespace gfs

#endif  // LABS_SUPPORT_GFSERVER_CONTEXT_H_
