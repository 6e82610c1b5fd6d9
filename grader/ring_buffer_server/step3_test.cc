// Step 3: the handshake, as functions and one small class.
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/probe_run.h"

namespace kit::ring_lab {
namespace {

constexpr char kProbe[] = "handshake_probe";
constexpr char kSecret[] = "correct horse";

Call hello(const std::string& line) { return {"fresh_hello", {line}}; }

KIT_CHECK(Handshake, GreetsWithANonce, .why = "The client reads the nonce from this line.",
          .hint = "`RING/1 `, 32 lower-case hex digits, one newline.",
          .function = "ring::Handshake::greeting") {
  require_results(kProbe, {}, {{{"greeting", {}}, "RING/1 " + std::string(32, '#') + "\n"}});
}

KIT_CHECK(Handshake, NeverRepeatsANonce,
          .why = "Who once overheard a proof could use it again with the same nonce.",
          .hint = "Take all 16 bytes from getrandom(2). rand() and the time repeat themselves.",
          .function = "ring::make_nonce") {
  require_results(kProbe, {}, {{{"nonces", {"2000"}}, "4000"}});
}

KIT_CHECK(Handshake, AcceptsAHello, .why = "Everybody comes in this way.",
          .hint = "`HELLO`, one space, the name; nothing more when the server has no secret.",
          .function = "ring::Handshake::hello") {
  require_results(
      kProbe, {},
      {{hello("HELLO ann"), "accepted ann"}, {hello("HELLO A.b-c_9"), "accepted A.b-c_9"}});
}

KIT_CHECK(Handshake, RefusesBadHellos,
          .why =
              "What is no HELLO is no client of ours: a browser, a port scanner, a command that "
              "came too early.",
          .hint =
              "The word must be HELLO and one space, exactly; without a secret nothing stands "
              "behind the name.",
          .function = "ring::Handshake::hello") {
  std::vector<Expected> expected;
  for (const char* line :
       {"", "HELLO", "HELLOann", "hello ann", "GET", "SET HELLO ann", "GET / HTTP/1.1"}) {
    expected.push_back({hello(line), "denied bad-hello"});
  }
  require_results(kProbe, {}, expected);
}

KIT_CHECK(Handshake, RefusesBadNames,
          .why =
              "A name is printed in front of every message: a space or a control character in it "
              "breaks the line.",
          .hint = "1 to 32 of A-Z, a-z, 0-9, '_', '-' and '.'.",
          .function = "ring::is_valid_name") {
  std::vector<Expected> expected = {{{"name", {"a"}}, "yes"},
                                    {{"name", {std::string(32, 'z')}}, "yes"},
                                    {{"name", {"AZaz09_-."}}, "yes"},
                                    {{"name", {""}}, "no"},
                                    {{"name", {std::string(33, 'z')}}, "no"}};
  for (const char* name : {"a b", "a/b", "a\tb", "\xc3\xa4rger", "a\n", "@", "[", "`", "{", ":"}) {
    expected.push_back({{"name", {name}}, "no"});
  }
  expected.push_back({hello("HELLO a/b"), "denied bad-name"});
  expected.push_back({hello("HELLO " + std::string(33, 'z')), "denied bad-name"});
  require_results(kProbe, {}, expected);
}

// RFC 4231, test cases 2 and 6, and RFC 2104's empty ones, computed with `openssl dgst -mac HMAC`.
KIT_CHECK(Handshake, ProofIsHmacSha256,
          .why = "Client and server are written by different people: both must compute the same.",
          .hint =
              "The key is the secret, the data the nonce's characters; write the digest as "
              "lower-case hex.",
          .function = "ring::make_proof") {
  require_results(
      kProbe, {},
      {{{"proof", {"Jefe", "what do ya want for nothing?"}},
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
       {{"proof",
         {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"}},
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
       {{"proof", {"", ""}}, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"}});
}

KIT_CHECK(Handshake, DemandsTheProof, .why = "The secret is what keeps strangers out.",
          .hint = "Compute the proof for this connection's own nonce and compare all of it.",
          .function = "ring::Handshake::hello") {
  require_results(kProbe, {kSecret},
                  {{hello("HELLO ann {proof}"), "accepted ann"},
                   {hello("HELLO ann {old}"), "denied bad-proof"},
                   {hello("HELLO ann " + std::string(64, '0')), "denied bad-proof"},
                   {hello("HELLO ann {proof}0"), "denied bad-proof"},
                   {hello("HELLO ann 0"), "denied bad-proof"},
                   {hello("HELLO ann"), "denied bad-proof"}});
}

KIT_CHECK(Handshake, OneNonceIsOneTry,
          .why = "With many tries on one nonce, somebody can guess until he is in.",
          .hint = "Remember that hello() was called.", .function = "ring::Handshake::hello") {
  require_results(kProbe, {kSecret},
                  {{{"hello", {"HELLO ann " + std::string(64, '0')}}, "denied bad-proof"},
                   {{"hello", {"HELLO ann {proof}"}}, "denied bad-hello"}});
}

KIT_CHECK(Handshake, ComparesWholeStrings,
          .why = "A proof that is right at the beginning is still wrong.",
          .hint = "Unequal lengths are unequal; then every byte counts, NUL too.",
          .function = "ring::equal_in_constant_time") {
  const std::string nul_a("a\0a", 3);
  const std::string nul_b("a\0b", 3);
  require_results(kProbe, {},
                  {{{"equal", {"abc", "abc"}}, "yes"},
                   {{"equal", {"abc", "abd"}}, "no"},
                   {{"equal", {"xbc", "abc"}}, "no"},
                   {{"equal", {"abc", "ab"}}, "no"},
                   {{"equal", {"", "a"}}, "no"},
                   {{"equal", {"", ""}}, "yes"},
                   {{"equal", {nul_a, nul_b}}, "no"}});
}

KIT_CHECK(Handshake, ComparesInConstantTime,
          .why =
              "A comparison that stops at the first difference takes longer the more of a guess is "
              "right: with patience, a proof can be found byte by byte.",
          .hint =
              "Look at every byte, whatever the first ones were: CRYPTO_memcmp() does. memcmp() "
              "and == stop early.",
          .function = "ring::equal_in_constant_time") {
  require_results(
      kProbe, {},
      {{{"equal_looks_at_all", {"0"}}, "yes"}, {{"equal_looks_at_all", {"2000"}}, "yes"}});
}

}  // namespace
}  // namespace kit::ring_lab
