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

// TODO(step 6): Functions of your own for this step can stand here.

TlsContext TlsContext::for_server(const std::string& cert_file, const std::string& key_file) {
  // TODO(step 6): A context of TLS_server_method(), with both files loaded.
  (void)cert_file;
  (void)key_file;
  throw std::logic_error("TLS is not implemented yet (step 6)");
}

TlsContext TlsContext::for_client(const std::string& ca_file) {
  // TODO(step 6): A context of TLS_client_method() that trusts this file and insists on it.
  (void)ca_file;
  throw std::logic_error("TLS is not implemented yet (step 6)");
}

// TODO(step 6): Make the SSL object and give it the socket, which must not block from now on.
TlsStream::TlsStream(const TlsContext& context, support::UniqueFd fd) {
  (void)context;
  (void)fd;
}

TlsStream::TlsStream(const TlsContext& context, support::UniqueFd fd, const std::string& host) {
  (void)context;
  (void)fd;
  (void)host;
}

TlsStream::~TlsStream() = default;

void TlsStream::open(support::Deadline deadline) {
  // TODO(step 6): SSL_do_handshake(), within the deadline.
  (void)deadline;
}

std::optional<std::size_t> TlsStream::read_some(std::span<char> buffer,
                                                support::Deadline deadline) {
  // TODO(step 6): SSL_read(), and waiting outside of the mutex.
  (void)buffer;
  (void)deadline;
  return 0;
}

std::size_t TlsStream::write_some(std::span<const iovec> pieces) {
  // TODO(step 6): SSL_write(). It takes one buffer, and when it has to wait it must be called
  // again with the same one.
  (void)pieces;
  throw std::logic_error("TLS is not implemented yet (step 6)");
}

void TlsStream::end_writing() noexcept {
  // TODO(step 6): SSL_shutdown() tells the peer's TLS, shutdown(2) its socket.
}

void TlsStream::shutdown() noexcept {
  // TODO(step 6): Must not touch the SSL object: its thread may be using it. The socket is enough,
  // since poll() returns when it is shut down.
}

}  // namespace ring
