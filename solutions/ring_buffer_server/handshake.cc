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

//~ begin step 3: Functions of your own for this step can stand here.
namespace {

std::string to_hex(std::span<const unsigned char> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * bytes.size());
  for (unsigned char byte : bytes) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

// Not isalnum(): what that takes for a letter depends on the locale.
bool is_name_character(char c) {
  return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

HelloResult deny(std::string reason) { return {"", std::move(reason)}; }

}  // namespace
//~ end

std::string make_nonce() {
  //~ begin step 3: 16 bytes from getrandom(2), as hex digits.
  //~| return {};
  std::array<unsigned char, 16> bytes;
  // So few bytes come all at once or not at all; a signal may only interrupt the wait for the
  // system's generator to be ready, early at boot.
  while (::getrandom(bytes.data(), bytes.size(), 0) < 0) {
    if (errno != EINTR) support::throw_errno("getrandom");
  }
  return to_hex(bytes);
  //~ end
}

std::string make_proof(std::string_view secret, std::string_view nonce) {
  //~ begin step 3: HMAC() of libcrypto with EVP_sha256(), as hex digits.
  //~| (void)secret;
  //~| (void)nonce;
  //~| return {};
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  const auto* data = reinterpret_cast<const unsigned char*>(nonce.data());
  if (::HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), data, nonce.size(),
             digest.data(), &size) == nullptr) {
    throw std::runtime_error("HMAC failed");
  }
  return to_hex(std::span(digest).first(size));
  //~ end
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  //~ begin step 3: Look at every character, whatever the first ones were. CRYPTO_memcmp() of
  //~   libcrypto does that.
  //~| (void)a;
  //~| (void)b;
  //~| return false;
  // A loop of our own would be easy to write, but a compiler that sees through it may take the
  // shortcut after all.
  return a.size() == b.size() && ::CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
  //~ end
}

bool is_valid_name(std::string_view name) {
  //~ begin step 3: The rule stands in the header.
  //~| (void)name;
  //~| return false;
  return !name.empty() && name.size() <= 32 &&
         std::all_of(name.begin(), name.end(), is_name_character);
  //~ end
}

//~ begin step 3: Take the secret, and make this connection's nonce.
//~| Handshake::Handshake(std::optional<std::string> secret) { (void)secret; }
Handshake::Handshake(std::optional<std::string> secret)
    : secret_(std::move(secret)), nonce_(make_nonce()) {}
//~ end

std::string Handshake::greeting() const {
  //~ begin step 3: The server's first line.
  //~| return {};
  return "RING/1 " + nonce_ + "\n";
  //~ end
}

HelloResult Handshake::hello(std::string_view line) {
  //~ begin step 3: Take the line apart and judge it: first its form (bad-hello), then the name
  //~   (bad-name), then the proof (bad-proof; also when it is missing). A proof that nobody asked
  //~   for is bad-hello.
  //~| (void)line;
  //~| return {"", "bad-hello"};
  constexpr std::string_view kHello = "HELLO ";
  // One try only. Otherwise the same nonce could be used to try one guess after the other.
  if (std::exchange(answered_, true) || !line.starts_with(kHello)) return deny("bad-hello");
  line.remove_prefix(kHello.size());
  std::string_view name = line.substr(0, line.find(' '));
  bool has_proof = name.size() < line.size();
  std::string_view proof = has_proof ? line.substr(name.size() + 1) : std::string_view();
  if (has_proof && (!secret_ || proof.find(' ') != proof.npos)) return deny("bad-hello");
  if (!is_valid_name(name)) return deny("bad-name");
  if (secret_ && !equal_in_constant_time(proof, make_proof(*secret_, nonce_))) {
    return deny("bad-proof");
  }
  return {std::string(name), ""};
  //~ end
}

}  // namespace ring
