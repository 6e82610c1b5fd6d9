// Names and keys: which are allowed, and how a key comes about.
//
// A key is the address of a client. It is never used twice while the server lives, so that a
// message never reaches somebody who came later. It is not a secret.
//
// KeyMaker counts, and stirs the count with a function that maps each number to a different one. So
// two keys cannot be equal, without a list of those that were. It begins at random, so that the
// keys of one server are not those of the next.
//
// Thread-safety: the functions keep no state; a KeyMaker has none of its own (the registry's lock
// guards it).
// Errors: std::system_error when the system has no random number.
// Source: Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014 (the
// function is SplitMix64's).
#ifndef REGISTRATION_KEYS_H_
#define REGISTRATION_KEYS_H_

#include <cstdint>
#include <string_view>

#include "wire.h"

namespace registration {

// 1 to 32 letters (of ASCII), digits, '_', '-'. An instance has a name by the same rules.
bool is_name(std::string_view text);

// The key that is written so: 16 hexadecimal digits, small letters. Otherwise kNoKey, which is no
// client's.
wire::Key parse_key(std::string_view text);

class KeyMaker {
 public:
  KeyMaker();

  // A key that was not returned before.
  wire::Key next();

 private:
  std::uint64_t count_;
};

}  // namespace registration

#endif  // REGISTRATION_KEYS_H_
