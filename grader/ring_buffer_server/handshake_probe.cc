// Calls on the handshake. Setup: nothing, or the server's secret.
//
//   greeting                      what the server says first, with the nonce's digits as '#'
//   nonces COUNT                  how many of so many new nonces are different
//   hello LINE                    "accepted ann" or "denied bad-name", on one Handshake for all
//   calls;
//                                 {proof} in the line becomes the right proof, {old} one for
//                                 another nonce
//   fresh_hello LINE              the same, on a new Handshake
//   proof SECRET NONCE            make_proof()
//   name NAME                     is_valid_name(): "yes" or "no"
//   equal A B                     equal_in_constant_time(): "yes" or "no"
//   equal_looks_at_all DIFFERS_AT whether a comparison of two long strings that differ at that
//                                 place looks at their last byte: "yes" or "no"
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "grader/harness/probe.h"
#include "handshake.h"

namespace {

std::optional<std::string> g_secret;

std::string nonce_of(const ring::Handshake& handshake) {
  const std::string greeting = handshake.greeting();
  const std::size_t begin = greeting.find(' ');
  if (begin == std::string::npos) return "";
  return greeting.substr(begin + 1, greeting.find('\n') - begin - 1);
}

// The greeting with the nonce's lower-case hex digits as '#', so that it is the same every time.
std::string masked(std::string text) {
  constexpr std::string_view kLower = "0123456789abcdef";
  const std::size_t begin = std::min<std::size_t>(7, text.size());
  const std::string nonce = text.substr(begin, text.find('\n') - begin);
  if (nonce.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) return text;
  const bool is_lower = nonce.find_first_not_of(kLower) == std::string::npos;
  const std::string shown =
      is_lower ? std::string(nonce.size(), '#') : "(hex digits, some in upper case)";
  return text.replace(begin, nonce.size(), shown);
}

void replace(std::string& text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  if (at != std::string::npos) text.replace(at, what.size(), with);
}

std::string say_hello(ring::Handshake& handshake, std::string line) {
  if (g_secret) {
    replace(line, "{proof}", ring::make_proof(*g_secret, nonce_of(handshake)));
    replace(line, "{old}", ring::make_proof(*g_secret, nonce_of(ring::Handshake(g_secret))));
  }
  const ring::HelloResult result = handshake.hello(line);
  return result.denial.empty() ? "accepted " + result.name : "denied " + result.denial;
}

// A page that nobody may read, until somebody tries: then it is opened, and it is noted.
class GuardedPage {
 public:
  explicit GuardedPage(char* page) {
    page_ = page;
    was_touched_ = false;
    struct sigaction action = {};
    action.sa_handler = open;
    sigaction(SIGSEGV, &action, &previous_);
    mprotect(page_, size(), PROT_NONE);
  }
  ~GuardedPage() {
    mprotect(page_, size(), PROT_READ | PROT_WRITE);
    sigaction(SIGSEGV, &previous_, nullptr);
  }
  bool was_touched() const { return was_touched_; }
  static std::size_t size() { return sysconf(_SC_PAGESIZE); }

 private:
  static void open(int) {
    was_touched_ = true;
    mprotect(page_, size(), PROT_READ | PROT_WRITE);
  }
  static char* page_;
  static volatile sig_atomic_t was_touched_;
  struct sigaction previous_ = {};
};
char* GuardedPage::page_ = nullptr;
volatile sig_atomic_t GuardedPage::was_touched_ = false;

// Two strings of a page and a byte: the last byte lies on a guarded page.
std::string looks_at_all(std::size_t differs_at) {
  const std::size_t page = GuardedPage::size();
  void* memory =
      mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return "mmap failed";
  char* text = static_cast<char*>(memory);
  std::memset(text, 'x', 2 * page);
  const std::string other(page + 1, 'x');
  text[differs_at] = 'y';
  GuardedPage guard(text + page);
  const bool equal = ring::equal_in_constant_time({text, page + 1}, other);
  const std::string answer = equal ? "they are not equal" : guard.was_touched() ? "yes" : "no";
  return answer;
}

std::string count_nonces(int count) {
  std::set<std::string> nonces;
  for (int i = 0; i < count; ++i) nonces.insert(ring::make_nonce());
  for (int i = 0; i < count; ++i) nonces.insert(nonce_of(ring::Handshake(g_secret)));
  return std::to_string(nonces.size());
}

const char* yes(bool value) { return value ? "yes" : "no"; }

class HandshakeAdapter : public kit::Adapter {
 public:
  std::string call(const std::string& name, const kit::Words& args) override {
    if (name == "greeting") return masked(handshake_.greeting());
    if (name == "nonces") return count_nonces(std::stoi(args.at(0)));
    if (name == "hello") return say_hello(handshake_, args.at(0));
    if (name == "fresh_hello") {
      ring::Handshake fresh(g_secret);
      return say_hello(fresh, args.at(0));
    }
    if (name == "proof") return ring::make_proof(args.at(0), args.at(1));
    if (name == "name") return yes(ring::is_valid_name(args.at(0)));
    if (name == "equal") return yes(ring::equal_in_constant_time(args.at(0), args.at(1)));
    if (name == "equal_looks_at_all") return looks_at_all(std::stoull(args.at(0)));
    throw kit::UnknownCall{name};
  }

 private:
  ring::Handshake handshake_{g_secret};
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words& setup) {
  if (!setup.empty()) g_secret = setup[0];
  return std::make_unique<HandshakeAdapter>();
}
