// Where programs get numbers that differ from run to run: here they are the same ones in each, or a
// schedule could not be run again.
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include <random>

#include "grader/explore/runtime/random.h"
#include "grader/explore/runtime/real.h"
#include "grader/explore/runtime/world.h"

namespace kit::explore {
namespace {

// Each process's own; which of its threads asks first, the schedule says.
std::uint64_t next_number() {
  static Random random{};
  return random.next();
}

void fill(void* to, std::size_t bytes) {
  auto* at = static_cast<unsigned char*>(to);
  for (std::size_t i = 0; i < bytes; ++i) at[i] = static_cast<unsigned char>(next_number());
}

}  // namespace
}  // namespace kit::explore

using kit::explore::is_explored;

extern "C" {

ssize_t getrandom(void* to, size_t bytes, unsigned flags) {
  if (!is_explored()) return KIT_REAL(getrandom)(to, bytes, flags);
  kit::explore::fill(to, bytes);
  return static_cast<ssize_t>(bytes);
}

int getentropy(void* to, size_t bytes) {
  if (!is_explored()) return KIT_REAL(getentropy)(to, bytes);
  kit::explore::fill(to, bytes);
  return 0;
}

uint32_t arc4random() { return static_cast<uint32_t>(kit::explore::next_number()); }

}  // extern "C"

// Libstdc++'s own would ask the processor.
std::random_device::result_type std::random_device::_M_getval() {
  return static_cast<result_type>(kit::explore::next_number());
}
