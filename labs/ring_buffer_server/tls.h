// TLS: a stream that is encrypted, and whose server is who it says it is.
//
// TlsContext holds what all connections have in common: a server's certificate and key, or the
// certificate authority that a client trusts. TlsStream is one connection; the code above it does
// not see a difference to a plain socket.
//
// One SSL object must not be used by two threads at the same time, not even for reading in one and
// writing in the other: both change its state. But a client reads in one thread while it writes in
// another, and reading means waiting. So:
//   - the socket does not block: SSL_read() returns at once and says what it would wait for;
//   - each SSL_ call is made under a mutex, which is held for that call only;
//   - the waiting is done by poll(2), outside of the mutex.
// The server uses each stream from one thread only; it pays for a mutex that nobody contends for.
//
// Ownership: a stream owns its socket and shares the context.
// Thread-safety: as Stream says; a TlsContext may be used from any thread.
// Errors: std::system_error for system calls, std::runtime_error with OpenSSL's words for the rest.
// SIGPIPE must be ignored (support::ignore_sigpipe()): OpenSSL writes to the socket with write(2).
// Source: ssl(7), SSL_get_error(3), SSL_read(3), SSL_write(3), openssl-threads(7); RFC 8446.
#ifndef RING_BUFFER_SERVER_TLS_H_
#define RING_BUFFER_SERVER_TLS_H_

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "labs/support/fd.h"
#include "labs/support/stream.h"

// OpenSSL's SSL and SSL_CTX, named here so that its large headers are read by tls.cc only.
struct ssl_st;
struct ssl_ctx_st;

namespace ring {

class TlsContext {
 public:
  // For a server: its certificate (with the chain behind it) and its key, both PEM files.
  static TlsContext for_server(const std::string& cert_file, const std::string& key_file);

  // For a client: the certificates it trusts, a PEM file.
  static TlsContext for_client(const std::string& ca_file);

  ssl_ctx_st* get() const { return context_.get(); }

 private:
  explicit TlsContext(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}

  std::shared_ptr<ssl_ctx_st> context_;
};

class TlsStream : public support::Stream {
 public:
  // The server's end of a connection.
  TlsStream(const TlsContext& context, support::UniqueFd fd);

  // The client's end. `host` is the name or address that the server's certificate must be for.
  TlsStream(const TlsContext& context, support::UniqueFd fd, const std::string& host);

  ~TlsStream() override;

  // The TLS handshake.
  void open(support::Deadline deadline) override;
  std::optional<std::size_t> read_some(
      std::span<char> buffer, support::Deadline deadline = support::Deadline::never()) override;
  std::size_t write_some(std::span<const iovec> pieces) override;
  void end_writing() noexcept override;
  void shutdown() noexcept override;

 private:
  // TODO(step 6): The SSL object, the socket, and what guards them.
};

}  // namespace ring

#endif  // RING_BUFFER_SERVER_TLS_H_
