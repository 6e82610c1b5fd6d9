#include "grader/ring_buffer_server/ring_peer.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "grader/harness/check.h"
#include "grader/harness/quote.h"
#include "grader/harness/transcript.h"

namespace kit::ring_lab {
namespace {

constexpr std::size_t kNonceDigits = 32;

// More than any check stores: a length beyond it is nonsense, not a body to wait for.
constexpr std::uint64_t kMaxBody = std::uint64_t{64} << 20;

class TcpWire : public Wire {
 public:
  explicit TcpWire(TcpPeer& peer) : peer_(peer) {}

  void send(std::string_view bytes) override { peer_.send_all(bytes, deadline()); }
  std::string read_line() override { return peer_.read_line(deadline()); }
  std::string read_exact(std::size_t bytes) override { return peer_.read_exact(bytes, deadline()); }
  void wait_for_end() override { static_cast<void>(peer_.wait_for_end(deadline())); }

 private:
  TcpPeer& peer_;
};

// The words between single spaces; "a  b" has an empty one.
std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words(1);
  for (const char c : line) {
    if (c == ' ') {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words;
}

std::optional<std::uint64_t> number(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_nonce(const std::string& text) {
  const auto is_digit = [](char c) {
    return ('0' <= c && c <= '9') || ('a' <= c && c <= 'f') || ('A' <= c && c <= 'F');
  };
  return text.size() == kNonceDigits && std::all_of(text.begin(), text.end(), is_digit);
}

}  // namespace

RingPeer::RingPeer(TcpPeer& peer) : wire_(std::make_shared<TcpWire>(peer)) {}

RingPeer::RingPeer(std::shared_ptr<Wire> wire) : wire_(std::move(wire)) {}

std::string RingPeer::greet() {
  constexpr std::string_view kGreeting = "RING/1 ";
  const std::string line = wire_->read_line();
  const std::string nonce = line.substr(std::min(line.size(), kGreeting.size()));
  if (line.rfind(kGreeting, 0) != 0 || !is_nonce(nonce)) {
    fail("the server speaks first: \"RING/1 <32 hex digits>\"", in_quotes(line));
  }
  note_varying(nonce);
  return nonce;
}

std::string RingPeer::hello(const std::string& name, const std::string& proof) {
  try {
    wire_->send("HELLO " + name + (proof.empty() ? "" : " " + proof) + "\n");
  } catch (const PeerReset&) {
    // A server that is full may say so before it was told the name. That can still be read.
  }
  return wire_->read_line();
}

std::uint64_t RingPeer::enter(const std::string& name) {
  greet();
  return number_of("WELCOME", hello(name));
}

std::uint64_t RingPeer::enter(const std::string& name, const std::string& secret) {
  const std::string proof = make_proof(secret, greet());
  note_varying(proof);
  return number_of("WELCOME", hello(name, proof));
}

std::string RingPeer::ask(std::string_view command) {
  wire_->send(std::string(command) + "\n");
  return wire_->read_line();
}

void RingPeer::require_answer(std::string_view command, std::string_view expected) {
  require_same("the answer to `" + shortened(command) + "`", ask(command), expected);
}

std::string RingPeer::setb(std::string_view body) {
  wire_->send("SETB " + std::to_string(body.size()) + "\n" + std::string(body));
  return wire_->read_line();
}

std::string RingPeer::get() {
  wire_->send("GET\n");
  return read_get();
}

std::string RingPeer::list(std::uint64_t count) {
  wire_->send("GET " + std::to_string(count) + "\n");
  return read_list();
}

void RingPeer::quit() {
  require_answer("QUIT", "BYE");
  require_end();
}

void RingPeer::require_line(const std::string& what, std::string_view expected) {
  require_same(what, wire_->read_line(), expected);
}

std::string RingPeer::read_get() {
  const std::string header = wire_->read_line();
  if (header == "EMPTY") return "(none)";
  if (header.rfind("MSG ", 0) != 0) return header;
  return read_message(header);
}

std::string RingPeer::read_list() {
  const std::string header = wire_->read_line();
  if (header.rfind("LIST ", 0) != 0) return header;
  const std::uint64_t count = number_of("LIST", header);
  std::string list;
  for (std::uint64_t i = 0; i < count; ++i) {
    list += (i > 0 ? " | " : "") + read_message(wire_->read_line());
  }
  return count == 0 ? "(none)" : list;
}

// "MSG <sequence> <author> <length>", the body, and the '\n' after it.
std::string RingPeer::read_message(const std::string& header) {
  const std::vector<std::string> words = words_of(header);
  const std::optional<std::uint64_t> length = words.size() == 4 ? number(words[3]) : std::nullopt;
  if (!length || *length > kMaxBody || words[0] != "MSG" || !number(words[1])) {
    fail("a message begins with \"MSG <sequence> <author> <length>\"", in_quotes(header));
  }
  const std::string body = wire_->read_exact(*length);
  const std::string end = wire_->read_exact(1);
  if (end != "\n") {
    fail("a '\\n' behind the " + words[3] + " bytes of the body of " + in_quotes(header),
         in_quotes(end) + " behind " + in_quotes(body));
  }
  return words[1] + ' ' + words[2] + ' ' + body;
}

std::string make_proof(const std::string& secret, const std::string& nonce) {
  constexpr char kHex[] = "0123456789abcdef";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
           reinterpret_cast<const unsigned char*>(nonce.data()), nonce.size(), digest,
           &size) == nullptr) {
    fail_not_gradable("HMAC() of libcrypto failed");
  }
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) hex += {kHex[digest[i] >> 4], kHex[digest[i] & 15]};
  return hex;
}

std::uint64_t number_of(const std::string& word, const std::string& answer) {
  const std::vector<std::string> words = words_of(answer);
  const std::optional<std::uint64_t> value = words.size() == 2 ? number(words[1]) : std::nullopt;
  if (!value || words[0] != word) {
    fail("an answer \"" + word + " <number>\"", in_quotes(answer));
  }
  return *value;
}

}  // namespace kit::ring_lab
