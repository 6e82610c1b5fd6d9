// Names for addresses that hold across processes.
//
// A private address belongs to its process. Memory that processes share may lie at a different
// address in each: it is named by the device and inode of what was mapped, and the offset.
//
// Thread-safety: the baton's holder. The table of mappings is each process's own and is inherited
// by fork(), as the mappings are.
#ifndef GRADER_EXPLORE_RUNTIME_KEYS_H_
#define GRADER_EXPLORE_RUNTIME_KEYS_H_

#include <sys/types.h>

#include <cstddef>

#include "grader/explore/runtime/world.h"

namespace kit::explore {

inline constexpr Key kSharedKey = Key{1} << 63;

Key key_of(std::uintptr_t address);
inline Key key_of(const volatile void* address) {
  return key_of(reinterpret_cast<std::uintptr_t>(address));
}
inline bool is_shared_key(Key key) { return (key & kSharedKey) != 0; }

// Whether this process has shared memory at all: the fast answer for most programs.
bool has_shared_memory();

// Notes a shared mapping; `fd` is -1 for an anonymous one.
void add_mapping(void* address, std::size_t bytes, int fd, off_t offset);
// Notes a mapping of the file at `path`.
void add_mapping_of(const char* path, void* address, std::size_t bytes);
void remove_mapping(void* address);

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_RUNTIME_KEYS_H_
