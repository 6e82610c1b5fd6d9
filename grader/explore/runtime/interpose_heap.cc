// The allocator: memory that is new forgets what it was, memory that is freed is kept for a while,
// so that whoever touches it is seen doing so.
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <cstdint>

#include "grader/explore/runtime/arena.h"
#include "grader/explore/runtime/finish.h"
#include "grader/explore/runtime/keys.h"
#include "grader/explore/runtime/real.h"
#include "grader/explore/runtime/scheduler.h"
#include "grader/explore/runtime/shadow.h"
#include "grader/explore/runtime/trace.h"

extern "C" {
// The C library's own names for what is interposed here.
void* __libc_malloc(std::size_t);
void __libc_free(void*);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
}

namespace kit::explore {

namespace {

void* allocate(std::size_t bytes) {
  return has_arena() ? arena_allocate(bytes) : __libc_malloc(bytes);
}

void* allocate_aligned(std::size_t alignment, std::size_t bytes) {
  return has_arena() ? arena_allocate(bytes, alignment) : __libc_memalign(alignment, bytes);
}

void* allocate_zeroed(std::size_t count, std::size_t bytes) {
  if (!has_arena()) return __libc_calloc(count, bytes);
  std::size_t all = 0;
  if (__builtin_mul_overflow(count, bytes, &all)) return nullptr;
  auto* memory = static_cast<char*>(arena_allocate(all));
  for (std::size_t i = 0; memory != nullptr && i < all; ++i) memory[i] = 0;
  return memory;
}

// Some of it is older than the arena.
void release_memory(void* memory) {
  if (is_in_arena(memory)) return arena_free(memory);
  __libc_free(memory);
}

std::size_t bytes_of(void* memory) {
  return is_in_arena(memory) ? arena_bytes(memory) : KIT_REAL(malloc_usable_size)(memory);
}

constexpr std::size_t kQuarantine = 512;
constexpr std::size_t kQuarantineBytes = std::size_t{8} << 20;

// In the order in which they were freed.
struct Quarantine {
  void* blocks[kQuarantine];
  std::size_t next;
  std::size_t oldest;
  std::size_t bytes;
} quarantine;

void let_go_of_oldest() {
  void* block = quarantine.blocks[quarantine.oldest++ % kQuarantine];
  quarantine.bytes -= bytes_of(block);
  release_memory(block);
}

void keep(void* block) {
  if (quarantine.next - quarantine.oldest == kQuarantine) let_go_of_oldest();
  quarantine.blocks[quarantine.next++ % kQuarantine] = block;
  quarantine.bytes += bytes_of(block);
  while (quarantine.bytes > kQuarantineBytes) let_go_of_oldest();
}

void* note_new(void* memory, void* pc) {
  if (memory == nullptr || !is_explored()) return memory;
  Entry entry(pc);
  const auto address = reinterpret_cast<std::uintptr_t>(memory);
  const std::size_t bytes = bytes_of(memory);
  if (g_world->thread_count > 1) forget(address, bytes);
  forget_objects(address, bytes);
  return memory;
}

void give_back(void* memory, void* pc) {
  Entry entry(pc);
  if (g_world->thread_count == 1) return release_memory(memory);
  const Key key = key_of(memory);
  point({.op = Op::kFree, .key = key});
  record(Op::kFree, key);
  if (!mark_freed(reinterpret_cast<std::uintptr_t>(memory), bytes_of(memory))) {
    finish(Verdict::kDoubleFree, "memory is freed that was freed before");
  }
  keep(memory);
}

}  // namespace
}  // namespace kit::explore

using kit::explore::note_new;

extern "C" {

void* malloc(std::size_t bytes) { return note_new(kit::explore::allocate(bytes), KIT_PC); }

void* calloc(std::size_t count, std::size_t bytes) {
  return note_new(kit::explore::allocate_zeroed(count, bytes), KIT_PC);
}

void free(void* memory) {
  if (memory == nullptr) return;
  if (!kit::explore::is_explored()) return kit::explore::release_memory(memory);
  kit::explore::give_back(memory, KIT_PC);
}

// While others watch, a block never grows in place: the old one is freed memory afterwards.
void* realloc(void* memory, std::size_t bytes) {
  if (memory == nullptr) return malloc(bytes);
  if (!kit::explore::has_arena()) return __libc_realloc(memory, bytes);
  void* larger = note_new(kit::explore::allocate(bytes), KIT_PC);
  if (larger == nullptr) return nullptr;
  const std::size_t old = kit::explore::bytes_of(memory);
  memcpy(larger, memory, old < bytes ? old : bytes);
  free(memory);
  return larger;
}

void* memalign(std::size_t alignment, std::size_t bytes) {
  return note_new(kit::explore::allocate_aligned(alignment, bytes), KIT_PC);
}

void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
  return note_new(kit::explore::allocate_aligned(alignment, bytes), KIT_PC);
}

int posix_memalign(void** memory, std::size_t alignment, std::size_t bytes) {
  *memory = note_new(kit::explore::allocate_aligned(alignment, bytes), KIT_PC);
  return *memory == nullptr ? ENOMEM : 0;
}

std::size_t malloc_usable_size(void* memory) {
  return memory == nullptr ? 0 : kit::explore::bytes_of(memory);
}

}  // extern "C"
