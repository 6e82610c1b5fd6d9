#include "grader/ring_buffer_server/tls_tunnel.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <exception>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/command.h"
#include "grader/harness/peer_error.h"

namespace kit::ring_lab {
namespace {

constexpr std::size_t kChunkBytes = 16 * 1024;
constexpr int kToolLimitMs = 20'000;

std::string tls_error() {
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  ERR_clear_error();
  return reason == nullptr ? "the connection ended" : reason;
}

void require_tls(bool ok, const std::string& what) {
  if (!ok) throw std::runtime_error(what + ": " + tls_error());
}

void make_nonblocking(int fd) {
  if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0) {
    throw std::system_error(errno, std::generic_category(), "fcntl");
  }
}

using Context = std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)>;

Context make_context(const SSL_METHOD* method) {
  Context context(SSL_CTX_new(method), &SSL_CTX_free);
  require_tls(context != nullptr, "SSL_CTX_new");
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // A subject may close without TLS's own goodbye; what is missing then, the check itself sees.
  SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
  // Tickets that nobody reads would turn the end of a connection into a reset.
  SSL_CTX_set_num_tickets(context.get(), 0);
  return context;
}

TlsTunnel::Connection make_connection(const Context& context) {
  TlsTunnel::Connection connection(SSL_new(context.get()), &SSL_free);
  require_tls(connection != nullptr, "SSL_new");
  return connection;
}

std::string path_of(const std::string& file) { return box().folder() + "/" + file; }

// One direction of the tunnel: bytes that were taken on one side and not yet given to the other.
struct Flow {
  std::string bytes;
  bool ended = false;   // nothing more comes in
  bool passed = false;  // and that was told to the other side

  bool wants_more() const { return bytes.empty() && !ended; }
  bool must_pass_end() const { return bytes.empty() && ended && !passed; }
};

// Carries bytes between TLS and the inner end, as far as both sides take them. Nothing here blocks
// but wait().
class Pump {
 public:
  Pump(SSL* ssl, int socket, int inner, int stop)
      : ssl_(ssl), socket_(socket), inner_(inner), stop_(stop) {}

  void run() {
    while (!(out_.passed && in_.passed)) {
      socket_events_ = 0;
      const bool goes_on = take_plain() && give_tls() && take_tls() && give_plain();
      if (!goes_on) return;
      if (!has_moved_ && !wait()) return;
      has_moved_ = false;
    }
  }

 private:
  bool take_plain() {
    if (!out_.wants_more()) return true;
    const ssize_t got = recv(inner_, chunk_.data(), chunk_.size(), 0);
    if (got > 0) out_.bytes.assign(chunk_.data(), got);
    out_.ended = got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
    return true;
  }

  bool give_tls() {
    if (out_.must_pass_end()) {
      SSL_shutdown(ssl_);
      shutdown(socket_, SHUT_WR);
      out_.passed = has_moved_ = true;
    }
    if (out_.bytes.empty()) return true;
    ERR_clear_error();
    const int sent = SSL_write(ssl_, out_.bytes.data(), static_cast<int>(out_.bytes.size()));
    if (sent <= 0) return note_wish(sent);
    out_.bytes.erase(0, sent);
    has_moved_ = true;
    return true;
  }

  bool take_tls() {
    if (!in_.wants_more()) return true;
    ERR_clear_error();
    const int got = SSL_read(ssl_, chunk_.data(), static_cast<int>(chunk_.size()));
    if (got > 0) in_.bytes.assign(chunk_.data(), got);
    in_.ended = got <= 0 && !note_wish(got);
    return true;
  }

  // False when the plain end was closed.
  bool give_plain() {
    if (in_.must_pass_end()) {
      shutdown(inner_, SHUT_WR);
      in_.passed = has_moved_ = true;
    }
    if (in_.bytes.empty()) return true;
    const ssize_t sent = send(inner_, in_.bytes.data(), in_.bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    in_.bytes.erase(0, sent);
    has_moved_ = true;
    return true;
  }

  // What a call on the SSL object waits for. False when it waits for nothing: it failed, or is at
  // the end of the stream.
  bool note_wish(int result) {
    const int error = SSL_get_error(ssl_, result);
    if (error == SSL_ERROR_WANT_READ) socket_events_ |= POLLIN;
    if (error == SSL_ERROR_WANT_WRITE) socket_events_ |= POLLOUT;
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
  }

  // False when it is time to stop.
  bool wait() const {
    const int inner_events = (out_.wants_more() ? POLLIN : 0) | (in_.bytes.empty() ? 0 : POLLOUT);
    // A socket of which nothing is wanted would wake us without end once the other side has gone.
    pollfd fds[] = {{socket_events_ != 0 ? socket_ : -1, socket_events_, 0},
                    {inner_events != 0 ? inner_ : -1, static_cast<short>(inner_events), 0},
                    {stop_, POLLIN, 0}};
    if (poll(fds, 3, -1) < 0) return errno == EINTR;
    return fds[2].revents == 0;
  }

  SSL* const ssl_;
  const int socket_;
  const int inner_;
  const int stop_;
  std::array<char, kChunkBytes> chunk_;
  Flow out_;  // from the plain end to TLS
  Flow in_;   // from TLS to the plain end
  short socket_events_ = 0;
  bool has_moved_ = false;
};

}  // namespace

Certificate make_certificate(const std::string& file, const std::string& names) {
  const Certificate certificate = {file + ".cert.pem", file + ".key.pem"};
  const CommandResult result = run_command(
      {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
       "-nodes", "-days", "2", "-subj", "/CN=" + file, "-addext", "subjectAltName=" + names,
       "-keyout", path_of(certificate.key), "-out", path_of(certificate.cert)},
      Deadline::after_ms(kToolLimitMs));
  if (!result.exit.clean()) fail_not_gradable("openssl makes no certificate: " + result.err);
  return certificate;
}

TlsTunnel::Connection TlsTunnel::client(const Certificate& certificate, const std::string& host) {
  const Context context = make_context(TLS_client_method());
  const std::string path = path_of(certificate.cert);
  require_tls(SSL_CTX_load_verify_file(context.get(), path.c_str()) == 1, path);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  Connection connection = make_connection(context);
  require_tls(SSL_set1_host(connection.get(), host.c_str()) == 1, "SSL_set1_host");
  SSL_set_connect_state(connection.get());
  return connection;
}

TlsTunnel::Connection TlsTunnel::server(const Certificate& certificate) {
  const Context context = make_context(TLS_server_method());
  const std::string cert = path_of(certificate.cert);
  const std::string key = path_of(certificate.key);
  require_tls(SSL_CTX_use_certificate_chain_file(context.get(), cert.c_str()) == 1, cert);
  require_tls(SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) == 1, key);
  Connection connection = make_connection(context);
  SSL_set_accept_state(connection.get());
  return connection;
}

TlsTunnel::TlsTunnel(UniqueFd socket, Connection connection)
    : socket_(std::move(socket)),
      stop_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      connection_(std::move(connection)),
      result_(done_.get_future()) {
  std::array<int, 2> ends;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair");
  }
  plain_end_.reset(ends[0]);
  inner_end_.reset(ends[1]);
  make_nonblocking(plain_end_.get());
  make_nonblocking(inner_end_.get());
  make_nonblocking(socket_.get());
  require_tls(SSL_set_fd(connection_.get(), socket_.get()) == 1, "SSL_set_fd");
  thread_ = std::thread([this] { run(); });
}

TlsTunnel::~TlsTunnel() {
  // It cannot fail: the counter of an eventfd has room for more than one.
  static_cast<void>(eventfd_write(stop_.get(), 1));
  thread_.join();
}

std::string TlsTunnel::handshake(Deadline deadline) {
  const auto limit = std::chrono::milliseconds(deadline.remaining_ms());
  if (result_.wait_for(limit) != std::future_status::ready) {
    throw Timeout("the TLS handshake was not done within " + std::to_string(deadline.limit_ms()) +
                  " ms");
  }
  return result_.get();
}

void TlsTunnel::run() {
  if (shake_hands()) {
    Pump(connection_.get(), socket_.get(), inner_end_.get(), stop_.get()).run();
  }
  // Whoever still speaks at either end finds that the connection has ended.
  shutdown(socket_.get(), SHUT_RDWR);
  shutdown(inner_end_.get(), SHUT_RDWR);
}

bool TlsTunnel::shake_hands() {
  SSL* ssl = connection_.get();
  while (true) {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl);
    if (result == 1) break;
    const int error = SSL_get_error(ssl, result);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      done_.set_value(tls_error());
      return false;
    }
    const short events = error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
    pollfd fds[] = {{socket_.get(), events, 0}, {stop_.get(), POLLIN, 0}};
    poll(fds, 2, -1);
    if (fds[1].revents != 0) return false;
  }
  done_.set_value("");
  return true;
}

void keep_after_a_verdict(std::unique_ptr<TlsTunnel> tunnel) {
  static std::vector<std::unique_ptr<TlsTunnel>> kept;
  if (std::uncaught_exceptions() > 0) kept.push_back(std::move(tunnel));
}

}  // namespace kit::ring_lab
