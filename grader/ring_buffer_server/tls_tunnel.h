// TLS for a check's connections: a tunnel between a TCP socket, on which TLS is spoken, and a
// socket pair, on which a TcpPeer speaks as ever. So every verb of tcp_peer.h works over TLS, too.
//
//     const Certificate certificate = make_certificate("server", "DNS:localhost,IP:127.0.0.1");
//     TlsTunnel tunnel(connect_tcp(...), TlsTunnel::client(certificate, "localhost"));
//     require(tunnel.handshake(deadline()).empty(), ...);
//     TcpPeer peer(tunnel.take_plain_end(), "ring_server");
//
// What is not read at the plain end is soon not read from the TCP socket either. The end of one
// side is passed on to the other; a reset becomes an end.
//
// Ownership: the tunnel owns both sockets but the plain end that was taken, and a thread of its
// own, which ends with it. Thread-safety: one thread at a time; the plain end belongs to whom took
// it. Errors: std::runtime_error with OpenSSL's words for what is not the other side's doing.
#ifndef GRADER_RING_BUFFER_SERVER_TLS_TUNNEL_H_
#define GRADER_RING_BUFFER_SERVER_TLS_TUNNEL_H_

#include <openssl/ssl.h>

#include <future>
#include <memory>
#include <string>
#include <thread>

#include "grader/harness/deadline.h"
#include "grader/harness/fd.h"

namespace kit::ring_lab {

// Names of files in the box's folder, in which programs of the subject run.
struct Certificate {
  std::string cert;
  std::string key;
};

// A certificate that signs itself, for two days: whoever trusts it as an authority accepts it.
// `names` as in "DNS:localhost,IP:127.0.0.1". Ends the check as not gradable when openssl(1) does
// not work.
Certificate make_certificate(const std::string& file, const std::string& names);

class TlsTunnel {
 public:
  using Connection = std::unique_ptr<SSL, void (*)(SSL*)>;

  // The two ends of TLS. The client trusts `certificate` and demands that it is for `host`.
  static Connection client(const Certificate& certificate, const std::string& host);
  static Connection server(const Certificate& certificate);

  TlsTunnel(UniqueFd socket, Connection connection);
  ~TlsTunnel();
  TlsTunnel(const TlsTunnel&) = delete;
  TlsTunnel& operator=(const TlsTunnel&) = delete;

  // Waits for the handshake: empty when it was done, else what went wrong. Throws Timeout.
  std::string handshake(Deadline deadline);

  UniqueFd take_plain_end() { return std::move(plain_end_); }

 private:
  void run();
  bool shake_hands();

  UniqueFd socket_;
  UniqueFd plain_end_;  // what is taken
  UniqueFd inner_end_;
  UniqueFd stop_;
  Connection connection_;
  std::promise<std::string> done_;
  std::future<std::string> result_;
  std::thread thread_;
};

// To be called when a tunnel would go: while a verdict is being thrown it is kept to the end of the
// check instead, so that the subject does not go on (it would find its connection closed) before
// its finding is made.
void keep_after_a_verdict(std::unique_ptr<TlsTunnel> tunnel);

}  // namespace kit::ring_lab

#endif  // GRADER_RING_BUFFER_SERVER_TLS_TUNNEL_H_
