#include "keys.h"

#include <sys/random.h>

#include <cerrno>
#include <charconv>

#include "labs/support/error.h"

namespace registration {

//~ begin step 2: Functions of your own can stand here.
namespace {

// Not isalnum(3): its answer depends on the locale, and it must not be given negative characters.
bool may_stand_in_name(char c) {
  return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') || c == '_' ||
         c == '-';
}

bool is_digit(char c) { return ('0' <= c && c <= '9') || ('a' <= c && c <= 'f'); }

// SplitMix64's function. Each of its steps can be undone, so no two numbers become the same one.
std::uint64_t stir(std::uint64_t number) {
  number = (number ^ (number >> 30)) * 0xbf58'476d'1ce4'e5b9;
  number = (number ^ (number >> 27)) * 0x94d0'49bb'1331'11eb;
  return number ^ (number >> 31);
}

std::uint64_t random_number() {
  std::uint64_t number;
  while (::getrandom(&number, sizeof number, 0) != sizeof number) {
    if (errno != EINTR) support::throw_errno("getrandom");
  }
  return number;
}

}  // namespace
//~ end

bool is_name(std::string_view text) {
  //~ begin step 2: The length, and each character.
  //~| (void)text;
  //~| return false;
  if (text.empty() || text.size() > wire::kMaxNameBytes) return false;
  for (char c : text) {
    if (!may_stand_in_name(c)) return false;
  }
  return true;
  //~ end
}

wire::Key parse_key(std::string_view text) {
  //~ begin step 2: All 16 digits, and nothing else.
  //~| (void)text;
  //~| return wire::kNoKey;
  constexpr std::size_t kDigits = 16;
  if (text.size() != kDigits) return wire::kNoKey;
  for (char c : text) {
    if (!is_digit(c)) return wire::kNoKey;
  }
  wire::Key key = wire::kNoKey;
  constexpr int kBase = 16;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), key, kBase);
  return error == std::errc() && end == text.data() + text.size() ? key : wire::kNoKey;
  //~ end
}

//~ begin step 2: Begin at random.
//~| KeyMaker::KeyMaker() : count_(0) {}
KeyMaker::KeyMaker() : count_(random_number()) {}
//~ end

wire::Key KeyMaker::next() {
  //~ begin step 2: The next number, stirred. kNoKey is nobody's.
  //~| return count_;
  wire::Key key;
  do {
    key = stir(count_++);
  } while (key == wire::kNoKey);
  return key;
  //~ end
}

}  // namespace registration
