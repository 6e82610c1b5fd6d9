// Step 6: the client over TLS. The check plays the server.
#include <algorithm>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/quote.h"
#include "grader/harness/rounds.h"
#include "grader/harness/watch.h"
#include "grader/ring_buffer_server/client_stage.h"
#include "grader/ring_buffer_server/ring_peer.h"
#include "grader/ring_buffer_server/tls_tunnel.h"

namespace kit::ring_lab {
namespace {

constexpr char kLocalNames[] = "DNS:localhost,IP:127.0.0.1";

// Starts a client and does TLS with it, up to the WELCOME.
class TlsStage : public ClientStage {
 public:
  using ClientStage::ClientStage;
  ~TlsStage() { keep_after_a_verdict(std::move(tunnel_)); }

  // Starts ring_client; returns what came of the TLS handshake: empty when it was done.
  std::string start_tls(const Certificate& trusted, const Certificate& own,
                        StartOptions options = {}) {
    start({"--name", "ann", "--host", "localhost", "--tls-ca", trusted.cert}, std::move(options));
    tunnel_ = std::make_unique<TlsTunnel>(accept_socket(), TlsTunnel::server(own));
    try {
      return tunnel_->handshake(deadline());
    } catch (const Timeout&) {
      fail_hung("ring_client does the TLS handshake");
    }
  }

  void welcome_tls(const Certificate& certificate, StartOptions options = {}) {
    const std::string trouble = start_tls(certificate, certificate, std::move(options));
    require(trouble.empty(), "ring_client does the TLS handshake", trouble);
    go_on();
    require_equal("the client's answer to the greeting", greet(), "HELLO ann");
    server().send_all(welcome_line(), deadline());
  }

  // Over the tunnel from now on.
  void go_on() { accept(tunnel_->take_plain_end()); }

 private:
  std::unique_ptr<TlsTunnel> tunnel_;
};

KIT_CHECK(
    TlsClient, SpeaksTls,
    .why = "With --tls-ca all that is typed and all that is answered goes through TLS.",
    .hint =
        "The client's two threads know only a stream. Which one is made when --tls-ca is given?",
    .function = "ring::TlsStream::open") {
  const Certificate certificate = make_certificate("server", kLocalNames);
  TlsStage stage;
  stage.welcome_tls(certificate);
  stage.say("OK 1\n");
  stage.expect_printed();
  stage.say("MSG 2 bob 5\na\nb\nc\n");
  stage.expect_printed();
}

// The client must not go on with a server whose certificate is no good to it.
void check_refusal(const Certificate& trusted, const Certificate& own, const std::string& what) {
  TlsStage stage;
  if (stage.start_tls(trusted, own).empty()) {
    stage.go_on();
    std::string sent;
    try {
      stage.server().send_all(stage.greeting(), deadline());
      sent = stage.server().read_line(deadline());
    } catch (const Timeout&) {
      fail_hung("ring_client ends: " + what);
    } catch (const PeerError&) {
      // It looked at the certificate after the handshake, which is just as good.
    }
    require(sent.empty(), "ring_client says nothing to this server: " + what,
            "ring_client went on and sent " + in_quotes(sent));
  }
  stage.expect_told_failure(what);
}

KIT_CHECK(TlsClient, RefusesACertificateThatNobodyVouchesFor,
          .why =
              "Anybody can make a certificate that says `localhost`. Encrypting for an unknown "
              "reader protects nothing.",
          .hint =
              "Load the file of --tls-ca as what is trusted (SSL_CTX_load_verify_file), and "
              "insist: by default SSL_connect() does not mind (SSL_CTX_set_verify(3)).",
          .function = "ring::TlsContext::for_client") {
  const Certificate own = make_certificate("server", kLocalNames);
  const Certificate trusted = make_certificate("trusted", kLocalNames);
  did("the server's certificate is for localhost, and not signed by what --tls-ca has");
  check_refusal(trusted, own,
                "the server's certificate is not signed by the authority of --tls-ca");
}

KIT_CHECK(
    TlsClient, RefusesACertificateForAnotherHost,
    .why =
        "An authority vouches for many servers. Each of them could otherwise pass for any other.",
    .hint =
        "A chain that verifies says nothing about the name: SSL_set1_host(3), or "
        "X509_VERIFY_PARAM_set1_ip_asc(3) for an address.",
    .function = "ring::TlsStream::TlsStream") {
  const Certificate certificate = make_certificate("other", "DNS:other.example");
  did("the server's certificate is good, and for other.example");
  check_refusal(certificate, certificate,
                "the server's certificate is for other.example, and --host was localhost");
}

KIT_CHECK(
    TlsClient, SendsWhileItWaits,
    .why =
        "The reader waits for the server most of the time. If it keeps the SSL object to itself "
        "meanwhile, nothing that is typed is ever sent.",
    .hint =
        "Wait outside of the mutex: with a socket that does not block, SSL_read() returns at once "
        "and says what it waits for (SSL_ERROR_WANT_READ); release the mutex, poll(2), try again.",
    .function = "ring::TlsStream::read_some") {
  const Certificate certificate = make_certificate("server", kLocalNames);
  TlsStage stage;
  stage.welcome_tls(certificate);
  stage.keep_quiet();
  for (int i = 1; i <= 3; ++i) {
    stage.say("EMPTY\n");
    stage.expect_printed();
    forget_did();
    did("ring_client has spoken TLS with its server up to WELCOME, and prints what the server "
        "says");
    stage.type("SET hello\n");
    stage.expect_line("SET hello");
    stage.say("OK 1\n");
    stage.expect_printed();
  }
}

KIT_CHECK(
    TlsClient, LeavesGracefully,
    .why = "The answers to what was sent before `quit` come through TLS, too.",
    .hint =
        "As without TLS: QUIT, read on until the end of the stream, then the end with status 0.",
    .function = "ring::TlsStream::read_some") {
  const Certificate certificate = make_certificate("server", kLocalNames);
  TlsStage stage;
  stage.welcome_tls(certificate);
  stage.type("SET hello\nquit\n");
  stage.expect_line("SET hello");
  const bool with_quit = stage.expect_goodbye();
  stage.say("OK 1\n");
  stage.let_go(with_quit);
  stage.expect_success();
  stage.expect_printed();
}

KIT_CHECK(TlsClient, PrintsWhileTheServerDoesNotRead,
          .why = "A server may be busy and read nothing for a while, and still say something.",
          .hint =
              "While SSL_write() cannot go on, the mutex must be free for the reader: no waiting "
              "with it in your hands.",
          .function = "ring::TlsStream::write_some") {
  const Certificate certificate = make_certificate("server", kLocalNames);
  TlsStage stage(4096);
  stage.welcome_tls(certificate);
  stage.type_more_than_it_takes();
  stage.say("OK 1\n");
  stage.expect_printed();
  stage.say("MSG 1 bob 1000\n" + std::string(1000, 'y') + "\n");
  stage.expect_printed();
}

// What is said in both directions at the same time.
struct BothWays {
  std::string command;  // typed, with a body
  std::string body;
  std::string replies;  // what the server sends meanwhile
};

BothWays make_both_ways(std::size_t typed_bytes, std::size_t reply_bytes) {
  BothWays all;
  for (int i = 0; all.body.size() < typed_bytes; ++i) {
    all.body += "typed " + std::to_string(i) + "\n";
  }
  for (int i = 1; all.replies.size() < reply_bytes; ++i) {
    const std::string body(static_cast<std::size_t>(i % 7) * 500, static_cast<char>('a' + i % 26));
    all.replies +=
        "MSG " + std::to_string(i) + " bob " + std::to_string(body.size()) + "\n" + body + "\n";
  }
  all.command = "SETB " + std::to_string(all.body.size()) + "\n";
  return all;
}

// Lets it be said, and judges what arrives. Throws as TcpPeer does when the connection does not
// hold.
void speak(TlsStage& stage, const BothWays& all) {
  stage.keep_quiet();
  did("typed " + in_quotes(all.command) + " and that many bytes; meanwhile the server sends " +
      std::to_string(all.replies.size()) + " bytes of messages");
  const std::future<bool> typing = std::async(std::launch::async, [&] {
    return stage.client().write_in(all.command + all.body, deadline());
  });
  stage.server().send_while_reading(all.replies, deadline());
  stage.said(all.replies);
  const std::string received =
      stage.server().read_exact(all.command.size() + all.body.size(), deadline());
  require_same("what the server receives", received, all.command + all.body);
  stage.expect_printed();
}

KIT_CHECK(
    TlsClient, ReadsAndWritesAtOnce,
    .why =
        "Two threads use one connection: bytes must neither be lost nor mixed when both are busy.",
    .hint =
        "Each call on the SSL object under the mutex, for that call only. SSL_get_error() looks at "
        "the object and at the thread's error queue, so it belongs to the call before it.",
    .function = "ring::TlsStream::read_some") {
  const Certificate certificate = make_certificate("server", kLocalNames);
  for_each_round([&](const Round& round) {
    TlsStage stage;
    stage.welcome_tls(certificate, round.start);
    try {
      speak(stage, make_both_ways(config().mode == Mode::kPlain ? 2'000'000 : 400'000, 100'000));
    } catch (const Timeout&) {
      fail_hung("ring_client sends what was typed, and reads what the server says meanwhile");
    } catch (const PeerError& error) {
      fail("ring_client sends what was typed, and reads what the server says meanwhile",
           error.what());
    }
  });
}

KIT_CHECK(
    TlsClient, UsesItsSslOneThreadAtATime,
    .why =
        "An SSL object has no lock of its own. Two threads in it at the same time, even one that "
        "reads and one that writes, spoil its state: now and then, and far away from the cause.",
    .hint =
        "Take the same mutex around SSL_read() and SSL_write(), and do not wait while you hold it.",
    .function = "ring::TlsStream::read_some") {
  const Certificate certificate = make_certificate("server", kLocalNames);
  constexpr int kTimes = 8;  // all that is printed stays below what is kept of it
  Watch watch;
  TlsStage stage;
  stage.welcome_tls(certificate, watch.apply());
  std::vector<WatchEvent> events;
  for (int i = 0; i < kTimes && events.empty(); ++i) {
    forget_did();
    did("ring_client has spoken TLS with its server up to WELCOME");
    std::string trouble;
    try {
      speak(stage, make_both_ways(200'000, 25'000));
    } catch (const PeerError& error) {
      trouble = error.what();  // what two threads in one SSL object may well come to
    }
    events = watch.take_events("ssl-shared");
    require(trouble.empty() || !events.empty(), "the connection holds", trouble);
  }
  if (events.empty()) return;
  // Two events for each time: of the two sides the reader's is shown, when there is one.
  std::sort(events.begin(), events.end(),
            [](const WatchEvent& a, const WatchEvent& b) { return a.what < b.what; });
  const auto described = [](const WatchEvent& event) {
    return event.what + (event.place.empty() ? "" : " (" + event.place + ")");
  };
  point_at(events.front().place);
  fail("only one thread at a time is within a call on the SSL object",
       "one thread was in " + described(events.front()) + " while another one was in " +
           described(events.back()) + ", on the same SSL object");
}

KIT_CHECK(TlsClient, TellsThatTheServerHasGone,
          .why = "The end of a TLS connection must be noticed as quickly as that of a plain one.",
          .hint =
              "SSL_read() returns 0 with SSL_ERROR_ZERO_RETURN, or an error when the server goes "
              "without TLS's goodbye. Both end the client.",
          .function = "ring::TlsStream::read_some") {
  const Certificate certificate = make_certificate("server", kLocalNames);
  TlsStage stage;
  stage.welcome_tls(certificate);
  stage.say("OK 1\n");
  stage.expect_printed();
  did("the server closes the connection; nothing is typed, and standard input stays open");
  stage.server().close();
  stage.expect_told_failure("the server has closed the connection");
}

}  // namespace
}  // namespace kit::ring_lab
