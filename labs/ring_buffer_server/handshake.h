// The handshake: who may speak, and under which name.
//
//     server: RING/1 <nonce>            32 hex digits, new for each connection
//     client: HELLO <name> [<proof>]
//     server: WELCOME <session>  or  DENIED <reason>, and it closes
//
// When the server has a secret, the proof is HMAC-SHA256(secret, nonce) in lower-case hex (RFC
// 2104; libcrypto's HMAC()). The client shows that it knows the secret without sending it, and
// because the nonce is new each time, a proof that somebody overheard is worth nothing on the next
// connection.
//
// Thread-safety: the functions may be called from any thread; a Handshake belongs to one thread.
#ifndef RING_BUFFER_SERVER_HANDSHAKE_H_
#define RING_BUFFER_SERVER_HANDSHAKE_H_

#include <optional>
#include <string>
#include <string_view>

namespace ring {

// 32 hex digits from the system's random source (getrandom(2)). Throws std::system_error.
std::string make_nonce();

// HMAC-SHA256(secret, nonce) as 64 lower-case hex digits. Throws std::runtime_error.
std::string make_proof(std::string_view secret, std::string_view nonce);

// Whether two strings are equal, in a time that depends on their lengths only: a comparison that
// stops at the first difference tells an attacker how much of his guess was right.
bool equal_in_constant_time(std::string_view a, std::string_view b);

// 1 to 32 characters of letters, digits, '_', '-' and '.'.
bool is_valid_name(std::string_view name);

// What the client's HELLO came to.
struct HelloResult {
  std::string name;    // when accepted: the name the client gave
  std::string denial;  // empty when accepted, or "bad-hello", "bad-name" or "bad-proof"
};

// The server's side of one handshake: a nonce that is used once.
class Handshake {
 public:
  // `secret`: std::nullopt when the server asks for none.
  explicit Handshake(std::optional<std::string> secret);

  // The server's first line, with its newline: RING/1 <nonce>\n.
  std::string greeting() const;

  // Judges the client's first line (without its end). A second call is always "bad-hello": one
  // nonce, one try.
  HelloResult hello(std::string_view line);

 private:
  // TODO(step 3): What a handshake has to remember between the greeting and the answer to it.
};

}  // namespace ring

#endif  // RING_BUFFER_SERVER_HANDSHAKE_H_
