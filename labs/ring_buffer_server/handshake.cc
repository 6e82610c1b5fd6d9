#include "handshake.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <stdexcept>
#include <utility>

#include "labs/support/error.h"

namespace ring {

// TODO(step 3): Functions of your own for this step can stand here.

std::string make_nonce() {
  // TODO(step 3): 16 bytes from getrandom(2), as hex digits.
  return {};
}

std::string make_proof(std::string_view secret, std::string_view nonce) {
  // TODO(step 3): HMAC() of libcrypto with EVP_sha256(), as hex digits.
  (void)secret;
  (void)nonce;
  return {};
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  // TODO(step 3): Look at every character, whatever the first ones were. CRYPTO_memcmp() of
  // libcrypto does that.
  (void)a;
  (void)b;
  return false;
}

bool is_valid_name(std::string_view name) {
  // TODO(step 3): The rule stands in the header.
  (void)name;
  return false;
}

// TODO(step 3): Take the secret, and make this connection's nonce.
Handshake::Handshake(std::optional<std::string> secret) { (void)secret; }

std::string Handshake::greeting() const {
  // TODO(step 3): The server's first line.
  return {};
}

HelloResult Handshake::hello(std::string_view line) {
  // TODO(step 3): Take the line apart and judge it: first its form (bad-hello), then the name
  // (bad-name), then the proof (bad-proof; also when it is missing). A proof that nobody asked
  // for is bad-hello.
  (void)line;
  return {"", "bad-hello"};
}

}  // namespace ring
