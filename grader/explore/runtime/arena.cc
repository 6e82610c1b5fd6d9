#include "grader/explore/runtime/arena.h"

#include <sys/mman.h>

#include <cstdint>

#include "grader/explore/runtime/real.h"

namespace kit::explore {
namespace {

constexpr std::uintptr_t kBegin = 0x600000000000;
constexpr std::size_t kBytes = std::size_t{8}
                               << 30;  // addresses only: what is not touched costs nothing
constexpr std::uintptr_t kStacks = 0x610000000000;
constexpr std::size_t kStackApart = std::size_t{64} << 20;

constexpr std::size_t kUnit = 16;
constexpr std::size_t kSmallUnits =
    64;  // up to here a list for each size, then one for each power of two
constexpr int kLists = kSmallUnits + 40;

// In front of each block.
struct Header {
  std::size_t bytes;   // of the block
  std::uint32_t list;  // to which it goes when it is freed
  std::uint32_t skip;  // from where it was cut to the block, for alignment
};
static_assert(sizeof(Header) == kUnit);

struct Free {
  Free* next;
};

std::uintptr_t next = 0;
Free* lists[kLists];
int is_locked = 0;

class Lock {
 public:
  Lock() {
    while (__atomic_exchange_n(&is_locked, 1, __ATOMIC_ACQUIRE) != 0) continue;
  }
  ~Lock() { __atomic_store_n(&is_locked, 0, __ATOMIC_RELEASE); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
};

Header* header_of(const void* block) {
  return reinterpret_cast<Header*>(reinterpret_cast<std::uintptr_t>(block) - sizeof(Header));
}

// The list for a size, and the size of its blocks.
int list_for(std::size_t& bytes) {
  const std::size_t units = bytes == 0 ? 1 : (bytes + kUnit - 1) / kUnit;
  if (units <= kSmallUnits) {
    bytes = units * kUnit;
    return static_cast<int>(units) - 1;
  }
  int power = 0;
  while ((kSmallUnits << power) < units) ++power;
  bytes = (kSmallUnits << power) * kUnit;
  return static_cast<int>(kSmallUnits) + power;
}

std::uintptr_t cut(std::size_t bytes) {
  if (bytes > kBegin + kBytes - next) return 0;
  const std::uintptr_t at = next;
  next += bytes;
  return at;
}

void* as_block(std::uintptr_t at, std::size_t bytes, int list, std::size_t skip) {
  auto* header = reinterpret_cast<Header*>(at + skip - sizeof(Header));
  *header = {bytes, static_cast<std::uint32_t>(list), static_cast<std::uint32_t>(skip)};
  return header + 1;
}

void* allocate_aligned(std::size_t bytes, std::size_t alignment) {
  const std::uintptr_t at = cut((bytes + alignment + 2 * kUnit - 1) / kUnit * kUnit);
  if (at == 0) return nullptr;
  const std::uintptr_t block = (at + sizeof(Header) + alignment - 1) / alignment * alignment;
  return as_block(at, bytes, kLists, block - at);  // on no list: it is not used again
}

}  // namespace

bool make_arena() {
  void* memory =
      KIT_REAL(mmap)(reinterpret_cast<void*>(kBegin), kBytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (memory != reinterpret_cast<void*>(kBegin)) return false;
  next = kBegin;
  return true;
}

bool has_arena() { return next != 0; }

bool is_in_arena(const void* address) {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  return at >= kBegin && at < kBegin + kBytes;
}

void* arena_allocate(std::size_t bytes, std::size_t alignment) {
  if (bytes > kBytes) return nullptr;
  const Lock lock;
  if (alignment > kUnit) return allocate_aligned(bytes, alignment);
  const int list = list_for(bytes);
  if (Free* free = lists[list]) {
    lists[list] = free->next;
    return free;
  }
  const std::uintptr_t at = cut(bytes + sizeof(Header));
  return at == 0 ? nullptr : as_block(at, bytes, list, sizeof(Header));
}

void arena_free(void* block) {
  const Lock lock;
  const Header* header = header_of(block);
  if (header->list >= kLists) return;
  auto* free = static_cast<Free*>(block);
  free->next = lists[header->list];
  lists[header->list] = free;
}

std::size_t arena_bytes(const void* block) { return header_of(block)->bytes; }

void* arena_stack(int thread, std::size_t bytes) {
  if (bytes > kStackApart) return nullptr;
  void* wanted = reinterpret_cast<void*>(kStacks + kStackApart * static_cast<std::size_t>(thread));
  void* memory = KIT_REAL(mmap)(
      wanted, bytes, PROT_READ | PROT_WRITE,
      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK | MAP_FIXED_NOREPLACE, -1, 0);
  return memory == wanted ? memory : nullptr;
}

}  // namespace kit::explore
