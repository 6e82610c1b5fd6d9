// Copying and filling memory: the compiler's instrumentation does not see what memcpy() touches.
//
// These are called early and often, by the dynamic linker too: they stand on nothing. The runtime
// is compiled so that the compiler does not turn the loops into calls of themselves (see BUILD).
#include <cstddef>
#include <cstdint>

#include "grader/explore/runtime/progress.h"
#include "grader/explore/runtime/scheduler.h"
#include "grader/explore/runtime/shadow.h"

namespace kit::explore {

void touch_range(const void* memory, std::size_t bytes, Touch touch, void* pc) {
  if (!is_explored() || bytes == 0) return;
  const bool must_stop = count_access();
  if (g_world->thread_count == 1 && !must_stop && !is_watched()) return;
  Entry entry(pc);
  access(reinterpret_cast<std::uintptr_t>(memory), bytes, touch, must_stop);
  if (touch == Touch::kWrite && is_watched())
    note_write(reinterpret_cast<std::uintptr_t>(memory), bytes);
}

namespace {

using Word __attribute__((aligned(1), may_alias)) = std::uint64_t;

void copy_up(char* to, const char* from, std::size_t bytes) {
  std::size_t i = 0;
  for (; i + sizeof(Word) <= bytes; i += sizeof(Word)) {
    *reinterpret_cast<Word*>(to + i) = *reinterpret_cast<const Word*>(from + i);
  }
  for (; i < bytes; ++i) to[i] = from[i];
}

void copy_down(char* to, const char* from, std::size_t bytes) {
  std::size_t i = bytes;
  for (; i >= sizeof(Word); i -= sizeof(Word)) {
    *reinterpret_cast<Word*>(to + i - sizeof(Word)) =
        *reinterpret_cast<const Word*>(from + i - sizeof(Word));
  }
  for (; i > 0; --i) to[i - 1] = from[i - 1];
}

}  // namespace
}  // namespace kit::explore

using kit::explore::Touch;
using kit::explore::touch_range;

extern "C" {

void* memcpy(void* __restrict to, const void* __restrict from, std::size_t bytes) {
  touch_range(from, bytes, Touch::kRead, KIT_PC);
  touch_range(to, bytes, Touch::kWrite, KIT_PC);
  kit::explore::copy_up(static_cast<char*>(to), static_cast<const char*>(from), bytes);
  return to;
}

void* memmove(void* to, const void* from, std::size_t bytes) {
  touch_range(from, bytes, Touch::kRead, KIT_PC);
  touch_range(to, bytes, Touch::kWrite, KIT_PC);
  char* const into = static_cast<char*>(to);
  const char* const out_of = static_cast<const char*>(from);
  if (into <= out_of || into >= out_of + bytes) {
    kit::explore::copy_up(into, out_of, bytes);
  } else {
    kit::explore::copy_down(into, out_of, bytes);
  }
  return to;
}

void* memset(void* to, int value, std::size_t bytes) {
  touch_range(to, bytes, Touch::kWrite, KIT_PC);
  char* const into = static_cast<char*>(to);
  for (std::size_t i = 0; i < bytes; ++i) into[i] = static_cast<char>(value);
  return to;
}

}  // extern "C"
