// The memory of an explored program: an allocator whose addresses depend on nothing but the calls.
//
// The C library's allocator keeps something for each thread and gives it back when the thread's
// last breath is drawn, which no schedule decides: addresses would differ from run to run, and with
// them what the explorer takes for the same memory. Here they do not, on any machine. Stacks come
// from here too, one for each thread, and are not used again within a run.
//
// Ownership: the memory goes with the process; fork() copies it. Thread-safety: any thread.
// Errors: null when there is no more.
#ifndef GRADER_EXPLORE_RUNTIME_ARENA_H_
#define GRADER_EXPLORE_RUNTIME_ARENA_H_

#include <cstddef>

namespace kit::explore {

// Once in a run. False: the addresses are taken.
bool make_arena();
bool has_arena();

// Aligned to 16 bytes, or to `alignment`, a power of two.
void* arena_allocate(std::size_t bytes, std::size_t alignment = 16);
void arena_free(void* block);
// How many bytes of the block may be used.
std::size_t arena_bytes(const void* block);
bool is_in_arena(const void* address);

// A stack for the thread with that number: its lowest address.
void* arena_stack(int thread, std::size_t bytes);

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_RUNTIME_ARENA_H_
