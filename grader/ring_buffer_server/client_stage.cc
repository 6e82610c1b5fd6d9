#include "grader/ring_buffer_server/client_stage.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "grader/harness/check.h"
#include "grader/harness/check_context.h"
#include "grader/harness/keyboard.h"
#include "grader/harness/quote.h"
#include "grader/harness/tcp_socket.h"

namespace kit::ring_lab {
namespace {

// Of output that is longer than this only the place of interest is shown.
constexpr std::size_t kLongBytes = 160;

std::string make_nonce() {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string nonce;
  for (int i = 0; i < 32; ++i) nonce += kDigits[random()() % 16];
  return nonce;
}

std::string shown(const std::string& text) { return text.empty() ? "nothing" : in_quotes(text); }

// A last line counts without its end, too.
std::size_t count_lines(const std::string& text) {
  const std::size_t ends = std::count(text.begin(), text.end(), '\n');
  return ends + (text.empty() || text.back() == '\n' ? 0 : 1);
}

}  // namespace

ClientStage::ClientStage(int receive_buffer_bytes) : nonce_(make_nonce()) {
  TcpOptions options;
  options.receive_buffer_bytes = receive_buffer_bytes;
  listener_ = box().listen(options);
}

ClientStage::~ClientStage() {
  // After a verdict the conversation is part of the finding.
  const bool is_wanted = std::uncaught_exceptions() > 0 && !is_quiet_;
  if (server_ != nullptr && !is_wanted) g_check->peers.pop_back();
}

std::uint16_t ClientStage::port() const { return local_port(listener_.get()); }

void ClientStage::start(std::vector<std::string> args, StartOptions options) {
  std::vector<std::string> all = {"--port", std::to_string(port())};
  if (std::find(args.begin(), args.end(), "--host") == args.end()) {
    all.insert(all.begin(), {"--host", "127.0.0.1"});
  }
  all.insert(all.end(), args.begin(), args.end());
  did("the check plays the server: > is what it says, < is what ring_client says");
  client_ = &start_typed("ring_client", std::move(all), port(), std::move(options));
}

UniqueFd ClientStage::accept_socket() {
  while (!deadline().expired()) {
    try {
      return accept_tcp(listener_.get(), deadline().but_at_most_ms(kLookMs));
    } catch (const Timeout&) {
      if (client_->running()) continue;
      fail("ring_client connects to the port that it was told",
           "ring_client ended first, with " + render(*client_->wait(deadline())));
    }
  }
  fail_hung("ring_client connects to the port that it was told");
}

TcpPeer& ClientStage::accept(UniqueFd socket) {
  server_ = &g_check->peers.emplace_back(std::move(socket), "ring_client");
  return *server_;
}

TcpPeer& ClientStage::server() { return *server_; }

std::string ClientStage::received_line(const std::string& what) {
  try {
    std::string line = server_->read_line(deadline());
    if (line.ends_with('\r')) line.pop_back();
    return line;
  } catch (const Timeout&) {
    fail_hung("ring_client sends " + what);
  } catch (const PeerError& error) {
    fail("ring_client sends " + what, error.what());
  }
}

std::string ClientStage::greet() {
  server_->send_all(greeting(), deadline());
  return received_line("HELLO and its name");
}

TcpPeer& ClientStage::welcome(const std::string& more) {
  if (server_ == nullptr) accept();
  greet();
  said_ += more;
  server_->send_all(welcome_line() + more, deadline());
  return *server_;
}

void ClientStage::type(const std::string& text) { kit::type(*client_, text); }

void ClientStage::close_typing() { end_input(*client_); }

void ClientStage::type_more_than_it_takes() {
  constexpr int kQuietMs = 150;  // when nothing was taken for so long, the client is stuck
  constexpr std::size_t kPieces = 512;
  const std::string piece(64 * 1024, 'x');
  const std::size_t size = piece.size() * kPieces;
  type("SETB " + std::to_string(size) + "\n");
  did("typed those " + std::to_string(size >> 20) +
      " MiB, as far as the client takes them; the server reads nothing");
  for (std::size_t i = 0; i < kPieces; ++i) {
    if (!client_->write_in(piece, deadline().but_at_most_ms(kQuietMs))) return;
  }
}

void ClientStage::expect_line(const std::string& line) {
  const std::string received = received_line("the line " + in_quotes(line));
  require_equal("the line that the server receives", in_quotes(received), in_quotes(line));
}

void ClientStage::expect_bytes(const std::string& bytes) {
  const std::string what = std::to_string(bytes.size()) + " bytes as they were typed";
  try {
    const std::string received = server_->read_exact(bytes.size(), deadline());
    if (received == bytes) return;
    const std::size_t at = first_difference(received, bytes);
    fail("the server receives " + what + ", " + shown_from(bytes, at),
         "the server received " + shown_from(received, at));
  } catch (const Timeout& timeout) {
    did(varies(timeout.what()));
    fail_hung("the server receives " + what);
  } catch (const PeerError& error) {
    fail("the server receives " + what, error.what());
  }
}

void ClientStage::say(const std::string& text) {
  said_ += text;
  try {
    server_->send_all(text, deadline());
  } catch (const PeerReset&) {
    fail("ring_client reads what the server says", "ring_client had broken the connection off");
  }
}

// A client that has printed no more than a part of those lines has printed nothing of what counts.
std::string ClientStage::printed() const {
  std::string out = client_->out();
  for (const std::string& line : {greeting(), welcome_line()}) {
    if (line.starts_with(out)) return "";
    if (out.starts_with(line)) out.erase(0, line.size());
  }
  return out;
}

void ClientStage::expect_printed() {
  const std::string expected = "ring_client prints " + shown(said_);
  const bool is_printed = watch_output(*client_, said_, [&](bool has_ended) {
    if (printed() == said_) return true;
    require_printed(expected, has_ended);
    return false;
  });
  const std::string out = printed();
  if (is_printed) {
    verified_ = said_.size();
  } else if (out.size() > verified_) {
    fail(expected, "ring_client printed " + varies(shown(out)) + ", and then nothing more");
  } else {
    did("ring_client has printed so far: " + shown(out));
    fail_hung(expected);
  }
}

// So far what it printed is the beginning of what was said.
void ClientStage::require_printed(const std::string& expected, bool has_ended) {
  const std::string out = printed();
  if (!said_.starts_with(out)) {
    const std::size_t at = first_difference(out, said_);
    const bool is_long = said_.size() > kLongBytes;
    fail(is_long ? "ring_client prints " + varies(shown_from(said_, at)) : expected,
         "ring_client printed " + varies(shown_from(out, at)));
  }
  if (!has_ended) return;
  fail(expected, "ring_client ended with " + render(*client_->wait(deadline())) +
                     ", and it had printed " + varies(shown(out)));
}

bool ClientStage::expect_goodbye() {
  try {
    std::string line = server_->read_line(deadline());
    if (line.ends_with('\r')) line.pop_back();
    require_equal("the line that the server receives", in_quotes(line), in_quotes("QUIT"));
    return true;
  } catch (const PeerClosed&) {
    return false;
  } catch (const Timeout&) {
    fail_hung("ring_client sends QUIT, or ends its stream");
  }
}

void ClientStage::let_go(bool with_bye) {
  if (with_bye) say("BYE\n");
  server_->half_close();
}

void ClientStage::expect_success() {
  const std::string expected = "ring_client ends with exit status 0";
  const Exit exit = wait_for_exit(*client_, expected);
  require(exit.clean(), expected, "ring_client ended with " + render(exit));
}

void ClientStage::expect_told_failure(const std::string& what_happened) {
  const std::string expected =
      "ring_client ends with exit status 1 and one line on standard error, since " + what_happened;
  const Exit exit = wait_for_exit(*client_, expected);
  const std::string err = client_->err();
  const std::size_t lines = count_lines(err);
  if (exit.signal == 0 && exit.status == 1 && lines == 1) return;
  const std::string ended = "ring_client ended with " + render(exit);
  if (exit.signal != 0) fail(expected, ended);
  fail(expected, ended + " and " + std::to_string(lines) + (lines == 1 ? " line" : " lines") +
                     " on standard error");
}

}  // namespace kit::ring_lab
