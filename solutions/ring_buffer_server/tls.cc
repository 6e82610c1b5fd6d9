#include "tls.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "labs/support/error.h"

namespace ring {

//~ begin step 6: Functions of your own for this step can stand here.
namespace {

// The most that one TLS record holds (RFC 8446, 5.1).
constexpr std::size_t kRecordBytes = 16 * 1024;

// Throws what OpenSSL's error queue of this thread has to say. Its first entry is the cause, the
// others are what came of it.
[[noreturn]] void throw_tls(const std::string& what) {
  unsigned long error = ::ERR_peek_error();
  const char* reason = ::ERR_reason_error_string(error);
  ::ERR_clear_error();
  if (ERR_SYSTEM_ERROR(error)) support::throw_error(ERR_GET_REASON(error), what);
  throw std::runtime_error(what + ": " + (reason != nullptr ? reason : "unknown error"));
}

std::shared_ptr<SSL_CTX> make_context(const SSL_METHOD* method) {
  std::shared_ptr<SSL_CTX> context(::SSL_CTX_new(method), &::SSL_CTX_free);
  if (context == nullptr) throw_tls("SSL_CTX_new");
  ::SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  // Without renegotiation, writing never has to read first, and reading never has to write: so a
  // thread that waits to read cannot miss bytes that the writing thread took off the socket.
  // A connection that ends without TLS's own goodbye counts as ended, not as failed: what is
  // missing shows in the protocol above, which counts its bytes and ends with BYE.
  ::SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  return context;
}

void make_nonblocking(int fd) {
  int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) support::throw_errno("fcntl");
}

SSL* make_ssl(const TlsContext& context, int fd) {
  make_nonblocking(fd);
  SSL* ssl = ::SSL_new(context.get());
  if (ssl == nullptr || ::SSL_set_fd(ssl, fd) != 1) {
    ::SSL_free(ssl);
    throw_tls("SSL_new");
  }
  return ssl;
}

// Demands that the server's certificate is for `host`, a numeric address or a name.
void expect_host(SSL* ssl, const std::string& host) {
  if (::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(ssl), host.c_str()) == 1) return;
  ::ERR_clear_error();  // not an address, then
  if (::SSL_set1_host(ssl, host.c_str()) != 1) throw_tls("SSL_set1_host");
  // The name in clear, for servers that have several certificates (RFC 6066, section 3).
  if (::SSL_set_tlsext_host_name(ssl, host.c_str()) != 1) throw_tls("SSL_set_tlsext_host_name");
}

// Copies the front of the pieces, at most a record of it.
void gather(std::span<const iovec> pieces, std::vector<char>& record) {
  record.clear();
  for (const iovec& piece : pieces) {
    const char* bytes = static_cast<const char*>(piece.iov_base);
    std::size_t count = std::min(piece.iov_len, kRecordBytes - record.size());
    record.insert(record.end(), bytes, bytes + count);
  }
}

}  // namespace
//~ end

TlsContext TlsContext::for_server(const std::string& cert_file, const std::string& key_file) {
  //~ begin step 6: A context of TLS_server_method(), with both files loaded.
  //~| (void)cert_file;
  //~| (void)key_file;
  //~| throw std::logic_error("TLS is not implemented yet (step 6)");
  std::shared_ptr<SSL_CTX> context = make_context(::TLS_server_method());
  if (::SSL_CTX_use_certificate_chain_file(context.get(), cert_file.c_str()) != 1) {
    throw_tls("certificate " + cert_file);
  }
  if (::SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    throw_tls("key " + key_file);
  }
  // Session tickets are sent unasked. A client that closes without having read them would make its
  // system answer with a reset.
  ::SSL_CTX_set_num_tickets(context.get(), 0);
  return TlsContext(std::move(context));
  //~ end
}

TlsContext TlsContext::for_client(const std::string& ca_file) {
  //~ begin step 6: A context of TLS_client_method() that trusts this file and insists on it.
  //~| (void)ca_file;
  //~| throw std::logic_error("TLS is not implemented yet (step 6)");
  std::shared_ptr<SSL_CTX> context = make_context(::TLS_client_method());
  if (::SSL_CTX_load_verify_file(context.get(), ca_file.c_str()) != 1) throw_tls("CA " + ca_file);
  // Without this OpenSSL looks at the certificate and goes on whatever it finds.
  ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  return TlsContext(std::move(context));
  //~ end
}

//~ begin step 6: Make the SSL object and give it the socket, which must not block from now on.
//~| TlsStream::TlsStream(const TlsContext& context, support::UniqueFd fd) {
//~|   (void)context;
//~|   (void)fd;
//~| }
//~|
//~| TlsStream::TlsStream(const TlsContext& context, support::UniqueFd fd, const std::string& host) {
//~|   (void)context;
//~|   (void)fd;
//~|   (void)host;
//~| }
TlsStream::TlsStream(const TlsContext& context, support::UniqueFd fd)
    : fd_(std::move(fd)), ssl_(make_ssl(context, fd_.get()), &::SSL_free) {
  ::SSL_set_accept_state(ssl_.get());
}

TlsStream::TlsStream(const TlsContext& context, support::UniqueFd fd, const std::string& host)
    : fd_(std::move(fd)), ssl_(make_ssl(context, fd_.get()), &::SSL_free) {
  ::SSL_set_connect_state(ssl_.get());
  expect_host(ssl_.get(), host);
}

// Makes an SSL_ call until it is done. Returns what it returned, 0 at the end of the stream, and
// std::nullopt when the deadline passed first.
template <typename Call>
std::optional<std::size_t> TlsStream::repeat(const char* name, support::Deadline deadline,
                                             Call call) {
  for (;;) {
    int result = 0;
    int error = 0;
    int error_number = 0;
    {
      std::lock_guard lock(mutex_);
      ::ERR_clear_error();  // SSL_get_error() also looks at what earlier calls left in the queue
      errno = 0;
      result = call(ssl_.get());
      error_number = errno;
      error = ::SSL_get_error(ssl_.get(), result);
    }
    if (error == SSL_ERROR_NONE) return static_cast<std::size_t>(result);
    if (error == SSL_ERROR_ZERO_RETURN) return 0;
    if (error == SSL_ERROR_SYSCALL) {
      support::throw_error(error_number != 0 ? error_number : ECONNRESET, name);
    }
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) throw_tls(name);
    short events = error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
    if (!support::wait_for(fd_.get(), events, deadline)) return std::nullopt;
  }
}
//~ end

TlsStream::~TlsStream() = default;

void TlsStream::open(support::Deadline deadline) {
  //~ begin step 6: SSL_do_handshake(), within the deadline.
  //~| (void)deadline;
  auto done = repeat("TLS handshake", deadline, [](SSL* ssl) { return ::SSL_do_handshake(ssl); });
  if (!done) support::throw_error(ETIMEDOUT, "TLS handshake");
  if (*done == 0) support::throw_error(ECONNRESET, "TLS handshake");
  //~ end
}

std::optional<std::size_t> TlsStream::read_some(std::span<char> buffer,
                                                support::Deadline deadline) {
  //~ begin step 6: SSL_read(), and waiting outside of the mutex.
  //~| (void)buffer;
  //~| (void)deadline;
  //~| return 0;
  int size = static_cast<int>(std::min<std::size_t>(buffer.size(), INT_MAX));
  return repeat("SSL_read", deadline,
                [&](SSL* ssl) { return ::SSL_read(ssl, buffer.data(), size); });
  //~ end
}

std::size_t TlsStream::write_some(std::span<const iovec> pieces) {
  //~ begin step 6: SSL_write(). It takes one buffer, and when it has to wait it must be called
  //~   again with the same one.
  //~| (void)pieces;
  //~| throw std::logic_error("TLS is not implemented yet (step 6)");
  // Encryption copies the bytes anyway. One record for many small pieces costs less than a record,
  // and a packet, for each.
  gather(pieces, record_);
  int size = static_cast<int>(record_.size());
  auto count = repeat("SSL_write", support::Deadline::never(),
                      [&](SSL* ssl) { return ::SSL_write(ssl, record_.data(), size); });
  if (count.value_or(0) == 0) support::throw_error(EPIPE, "SSL_write");
  return *count;
  //~ end
}

void TlsStream::end_writing() noexcept {
  //~ begin step 6: SSL_shutdown() tells the peer's TLS, shutdown(2) its socket.
  {
    // Tried once: when the peer does not read, there is no use in waiting to say goodbye.
    std::lock_guard lock(mutex_);
    static_cast<void>(::SSL_shutdown(ssl_.get()));
  }
  static_cast<void>(::shutdown(fd_.get(), SHUT_WR));
  //~ end
}

void TlsStream::shutdown() noexcept {
  //~ begin step 6: Must not touch the SSL object: its thread may be using it. The socket is enough,
  //~   since poll() returns when it is shut down.
  static_cast<void>(::shutdown(fd_.get(), SHUT_RDWR));
  //~ end
}

}  // namespace ring
