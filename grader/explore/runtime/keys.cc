#include "grader/explore/runtime/keys.h"

#include <sys/stat.h>

#include "grader/explore/runtime/finish.h"
#include "grader/explore/runtime/shadow.h"

namespace kit::explore {
namespace {

struct Mapping {
  std::uintptr_t begin;
  std::uintptr_t end;
  std::uint64_t offset;
  int memory;
};

constexpr int kMaxMappings = 64;
constexpr int kProcessShift = 48;
constexpr int kMemoryShift = 48;

Mapping mappings[kMaxMappings];
int mapping_count = 0;

int memory_number(std::uint64_t device, std::uint64_t inode) {
  for (int i = 0; i < g_world->memory_count; ++i) {
    const SharedMemory& memory = g_world->memories[i];
    if (memory.device == device && memory.inode == inode) return i;
  }
  if (g_world->memory_count == kMaxSharedMemories)
    finish_unsupported("more shared memories than the explorer keeps");
  g_world->memories[g_world->memory_count] = {device, inode};
  return g_world->memory_count++;
}

void add(void* address, std::size_t bytes, std::uint64_t offset, int memory) {
  if (mapping_count == kMaxMappings)
    finish_unsupported("more shared mappings than the explorer keeps");
  make_shared_shadow();
  const auto begin = reinterpret_cast<std::uintptr_t>(address);
  mappings[mapping_count++] = {begin, begin + bytes, offset, memory};
}

}  // namespace

bool has_shared_memory() { return mapping_count > 0; }

Key key_of(std::uintptr_t address) {
  for (int i = 0; i < mapping_count; ++i) {
    const Mapping& mapping = mappings[i];
    if (address < mapping.begin || address >= mapping.end) continue;
    return kSharedKey | Key(mapping.memory) << kMemoryShift |
           (address - mapping.begin + mapping.offset);
  }
  return Key(t_self == nullptr ? 0 : t_self->process) << kProcessShift | address;
}

void add_mapping(void* address, std::size_t bytes, int fd, off_t offset) {
  struct stat about {};
  // An anonymous mapping is inherited at its own address and by nobody else: that names it.
  about.st_ino = reinterpret_cast<std::uintptr_t>(address);
  if (fd >= 0 && fstat(fd, &about) != 0) return;
  add(address, bytes, offset, memory_number(fd >= 0 ? about.st_dev + 1 : 0, about.st_ino));
}

void add_mapping_of(const char* path, void* address, std::size_t bytes) {
  struct stat about {};
  if (stat(path, &about) == 0)
    add(address, bytes, 0, memory_number(about.st_dev + 1, about.st_ino));
}

void remove_mapping(void* address) {
  for (int i = 0; i < mapping_count; ++i) {
    if (mappings[i].begin == reinterpret_cast<std::uintptr_t>(address))
      mappings[i] = mappings[--mapping_count];
  }
}

}  // namespace kit::explore
