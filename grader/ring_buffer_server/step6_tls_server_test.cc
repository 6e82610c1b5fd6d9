// Step 6: the server over TLS.
#include <signal.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/check_context.h"
#include "grader/harness/quote.h"
#include "grader/ring_buffer_server/client_stage.h"
#include "grader/ring_buffer_server/ring_peer.h"
#include "grader/ring_buffer_server/tls_tunnel.h"

namespace kit::ring_lab {
namespace {

constexpr char kLocalNames[] = "DNS:localhost,IP:127.0.0.1";

Server start_tls_server(const Certificate& certificate, std::vector<std::string> args = {}) {
  std::vector<std::string> all = {"--port",         "0",         "--tls-cert",
                                  certificate.cert, "--tls-key", certificate.key};
  all.insert(all.end(), args.begin(), args.end());
  return start_server("ring_server", std::move(all));
}

// A TLS connection to the server. The peer lives as long as the check, so that a finding can show
// what was said.
struct TlsConnection {
  std::unique_ptr<TlsTunnel> tunnel;
  RingPeer peer;

  TlsConnection(std::unique_ptr<TlsTunnel> a_tunnel, TcpPeer& a_peer)
      : tunnel(std::move(a_tunnel)), peer(a_peer) {}
  TlsConnection(const TlsConnection&) = delete;
  TlsConnection& operator=(const TlsConnection&) = delete;
  ~TlsConnection() { keep_after_a_verdict(std::move(tunnel)); }
};

TlsConnection connect_tls(const Server& server, const Certificate& certificate) {
  TcpOptions options;
  options.port = server.port;
  auto tunnel = std::make_unique<TlsTunnel>(box().connect(options, deadline()),
                                            TlsTunnel::client(certificate, "localhost"));
  std::string trouble;
  try {
    trouble = tunnel->handshake(deadline());
  } catch (const Timeout&) {
    fail_hung("ring_server does the TLS handshake with a new client");
  }
  require(trouble.empty(),
          "ring_server does the TLS handshake, with the certificate that it was given", trouble);
  TcpPeer& peer = g_check->peers.emplace_back(tunnel->take_plain_end(), "ring_server");
  return {std::move(tunnel), peer};
}

KIT_CHECK(Tls, CarriesTheProtocol,
          .why = "What was said in clear before is said over TLS now, word for word.",
          .hint =
              "The session knows only a stream. Which stream is it given when --tls-cert and "
              "--tls-key are there?",
          .function = "ring::TlsStream::open") {
  const Certificate certificate = make_certificate("server", kLocalNames);
  const Server server = start_tls_server(certificate);
  TlsConnection ann = connect_tls(server, certificate);
  ann.peer.enter("ann");
  ann.peer.require_answer("SET one", "OK 1");
  TlsConnection bob = connect_tls(server, certificate);
  bob.peer.enter("bob");
  require_equal("what bob is shown by GET", bob.peer.get(), "1 ann one");
  bob.peer.require_answer("SET two", "OK 2");
  require_equal("what ann is shown by GET 3", ann.peer.list(3), "1 ann one | 2 bob two");
  ann.peer.quit();
  bob.peer.require_answer("SET three", "OK 3");
}

KIT_CHECK(
    Tls, CarriesLargeMessages,
    .why = "TLS goes in records of 16 KiB: what is larger takes many of them, in both directions.",
    .hint =
        "SSL_write() may take a part only, or want to be called again with the same bytes after "
        "waiting. SSL_read() may have more in store than the socket: poll(2) does not know of it.",
    .function = "ring::TlsStream::write_some") {
  const Certificate certificate = make_certificate("server", kLocalNames);
  const Server server = start_tls_server(certificate, {"--max-message", "1000000"});
  TlsConnection ann = connect_tls(server, certificate);
  ann.peer.enter("ann");
  std::string body;
  for (int i = 0; body.size() < 300'000; ++i) body += std::to_string(i) + '\0';
  require_equal("the answer to SETB", ann.peer.setb(body), "OK 1");
  require_equal("the answer to SETB", ann.peer.setb("small"), "OK 2");
  require_same("what GET 2 gives", ann.peer.list(2), "1 ann " + body + " | 2 ann small");
}

KIT_CHECK(Tls, TellsPlainTextNothing,
          .why =
              "With TLS switched on nothing of the protocol may go over the line in clear: not "
              "even the greeting.",
          .hint =
              "First the TLS handshake, then RING/1. When the handshake fails, close this "
              "connection, and go on with the others.",
          .function = "ring::TlsStream::open") {
  const Certificate certificate = make_certificate("server", kLocalNames);
  const Server server = start_tls_server(certificate, {"--handshake-timeout-ms", "1000"});
  TcpPeer& plain = connect_to(server);
  std::string received;
  try {
    plain.send_all("HELLO eve\nSET sneaked in\nGET\n", deadline());
    while (true) received = plain.read_line(deadline());
  } catch (const Timeout&) {
    fail_hung("ring_server ends the connection of a client that does not speak TLS");
  } catch (const PeerError&) {
    // It closed, with or without an alert of TLS: which may have a byte that is a newline.
  }
  const bool is_clear =
      received.find("RING/1") != std::string::npos || received.find("WELCOME") != std::string::npos;
  require(!is_clear, "a client that does not speak TLS is told nothing", in_quotes(received));
  TlsConnection ann = connect_tls(server, certificate);
  ann.peer.enter("ann");
  ann.peer.require_answer("GET", "EMPTY");
}

KIT_CHECK(Tls, CutsAnUnfinishedHandshake,
          .why =
              "Who connects and then says nothing must not keep a place and a thread for ever, nor "
              "keep others out.",
          .hint =
              "--handshake-timeout-ms counts from the connection on, so TLS's own handshake is "
              "within it: wait for the socket with what is left of the time. And it belongs to the "
              "connection's thread, not to the one that accepts.",
          .function = "ring::TlsStream::open") {
  const Certificate certificate = make_certificate("server", kLocalNames);
  const Server server = start_tls_server(certificate, {"--handshake-timeout-ms", "300"});
  did("one client connects and says nothing");
  TcpPeer& silent = connect_to(server);
  did("another one begins its TLS handshake and stops in the middle of the first record");
  TcpPeer& halting = connect_to(server);
  halting.send_all(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), deadline());
  did("a third one speaks TLS as it should");
  TlsConnection ann = connect_tls(server, certificate);
  ann.peer.enter("ann");
  ann.peer.require_answer("SET one", "OK 1");
  for (TcpPeer* peer : {&silent, &halting}) {
    try {
      static_cast<void>(peer->wait_for_end(deadline()));
    } catch (const Timeout&) {
      fail_hung("ring_server ends a connection whose TLS handshake is not done after 300 ms");
    }
  }
  ann.peer.require_answer("SET two", "OK 2");
}

KIT_CHECK(Tls, ServesOthersDuringAHandshake,
          .why = "One client that is slow with its TLS handshake must not keep all others waiting.",
          .hint =
              "The handshake belongs to the connection's own thread. The one that accepts does "
              "nothing that takes two.",
          .function = "ring::TlsStream::open") {
  const Certificate certificate = make_certificate("server", kLocalNames);
  const Server server = start_tls_server(certificate, {"--handshake-timeout-ms", "600000"});
  did("one client connects and does not begin its TLS handshake, which it has ten minutes for");
  connect_to(server);
  did("another one speaks TLS as it should");
  TlsConnection ann = connect_tls(server, certificate);
  ann.peer.enter("ann");
  ann.peer.require_answer("SET one", "OK 1");
}

KIT_CHECK(
    Tls, StopsWithClientsConnected,
    .why = "SIGTERM must end the server also when clients are connected, or half-way into TLS.",
    .hint =
        "A thread that waits in poll(2) or SSL_read() for its client must be woken: shutdown(2) on "
        "the socket does it, and needs no SSL call from another thread.",
    .function = "ring::TlsStream::shutdown") {
  const Certificate certificate = make_certificate("server", kLocalNames);
  const Server server = start_tls_server(certificate, {"--handshake-timeout-ms", "600000"});
  TlsConnection ann = connect_tls(server, certificate);
  ann.peer.enter("ann");
  connect_to(server).send_all(std::string("\x16\x03\x01", 3), deadline());
  ann.peer.require_answer("SET one", "OK 1");
  did("sent SIGTERM, with one client connected and another in its TLS handshake");
  server.process.signal(SIGTERM);
  const std::optional<Exit> exit = server.process.wait(deadline());
  if (!exit) fail_hung("ring_server ends with exit status 0");
  require(exit->clean(), "ring_server ends with exit status 0",
          "ring_server ended with " + render(*exit));
}

KIT_CHECK(Tls, RefusesBadFiles,
          .why = "A server that cannot read its certificate must not start without TLS instead.",
          .hint = "Load both files before you listen; a message on standard error, exit status 1.",
          .function = "ring::TlsContext::for_server") {
  const Certificate one = make_certificate("one", kLocalNames);
  const Certificate two = make_certificate("two", kLocalNames);
  const std::vector<std::vector<std::string>> wrong = {
      {"--tls-cert", "missing.pem", "--tls-key", one.key},
      {"--tls-cert", one.cert, "--tls-key", "missing.pem"},
      {"--tls-cert", one.cert, "--tls-key", two.key},
      {"--tls-cert", one.cert}};
  for (const std::vector<std::string>& files : wrong) {
    forget_did();
    std::vector<std::string> args = {"--port", "0"};
    args.insert(args.end(), files.begin(), files.end());
    std::string command = "ring_server";
    for (const std::string& arg : args) command += " " + arg;
    did("started " + command);
    Process& process = box().start("ring_server", args);
    const std::optional<Exit> exit = process.wait(deadline());
    if (!exit) fail_hung("ring_server refuses these files and ends");
    process.kill();
    require(exit->signal == 0 && exit->status != 0 && !process.err().empty(),
            "a message on standard error and an exit status that is not 0",
            render(*exit) + (process.err().empty() ? " and nothing on standard error" : ""));
  }
}

}  // namespace
}  // namespace kit::ring_lab
