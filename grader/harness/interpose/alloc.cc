// The allocator's doors, for a word when memory is taken or given back while a lock is held.
// operator new and delete of libstdc++ come through here too.
//
// A sanitizer's or Valgrind's allocator is what lies behind then (Real finds the next one), and its
// reports stay what they are, with a frame of ours above the caller's for malloc.
#include <stdlib.h>
#include <string.h>

#include <cstddef>
#include <cstdint>

#include "grader/harness/interpose/real.h"
#include "grader/harness/interpose/watch.h"

namespace kit {
namespace {

// dlsym may allocate while it looks for malloc itself. What it gets then comes from here and is
// never given back. That happens before there is a second thread.
class Arena {
 public:
  void* take(std::size_t bytes) {
    const std::size_t rounded = (bytes + 15) / 16 * 16;
    if (rounded < bytes || rounded > sizeof(bytes_) - used_) return nullptr;
    void* taken = bytes_ + used_;
    used_ += rounded;
    return taken;
  }
  bool holds(const void* memory) const {
    const auto at = reinterpret_cast<std::uintptr_t>(memory);
    const auto begin = reinterpret_cast<std::uintptr_t>(bytes_);
    return at >= begin && at < begin + sizeof(bytes_);
  }
  // How much may be read from there on: at least what was taken.
  std::size_t readable(const void* memory) const {
    return static_cast<std::size_t>(bytes_ + sizeof(bytes_) - static_cast<const char*>(memory));
  }

 private:
  alignas(16) char bytes_[8 * 1024] = {};
  std::size_t used_ = 0;
};

constinit Arena arena;

void watch_alloc(std::size_t bytes) {
  if (must_report_under_lock()) report_under_lock(UnderLock::kAlloc, bytes);
}

void watch_free(const void* memory) {
  if (memory != nullptr && must_report_under_lock()) report_under_lock(UnderLock::kFree, 0);
}

}  // namespace
}  // namespace kit

KIT_INTERPOSE(void*, malloc, (size_t bytes)) {
  if (kit::finding_real()) return kit::arena.take(bytes);
  kit::watch_alloc(bytes);
  return KIT_REAL(malloc)(bytes);
}

KIT_INTERPOSE(void*, calloc, (size_t count, size_t bytes)) {
  // The arena is zero from the start, and no part of it is given out twice.
  if (kit::finding_real()) return kit::arena.take(count * bytes);
  kit::watch_alloc(count * bytes);
  return KIT_REAL(calloc)(count, bytes);
}

KIT_INTERPOSE(void, free, (void* memory)) {
  // dlsym drops the message of an earlier failure; while it looks for free itself, that has to
  // stay.
  if (kit::finding_real() || kit::arena.holds(memory)) return;
  kit::watch_free(memory);
  KIT_REAL(free)(memory);
}

KIT_INTERPOSE(void*, realloc, (void* memory, size_t bytes)) {
  if (!kit::arena.holds(memory) && !kit::finding_real()) {
    kit::watch_alloc(bytes);
    return KIT_REAL(realloc)(memory, bytes);
  }
  void* moved = kit_malloc(bytes);
  if (moved == nullptr || memory == nullptr) return moved;
  const std::size_t readable = kit::arena.readable(memory);
  return memcpy(moved, memory, bytes < readable ? bytes : readable);
}

KIT_INTERPOSE(int, posix_memalign, (void** memory, size_t alignment, size_t bytes)) {
  kit::watch_alloc(bytes);
  return KIT_REAL(posix_memalign)(memory, alignment, bytes);
}

KIT_INTERPOSE(void*, aligned_alloc, (size_t alignment, size_t bytes)) {
  kit::watch_alloc(bytes);
  return KIT_REAL(aligned_alloc)(alignment, bytes);
}
