#include "grader/explore/runtime/progress.h"

#include "grader/explore/runtime/keys.h"

// The dynamic linker's name for where the process's stack began.
extern "C" void* __libc_stack_end;

namespace kit::explore {
namespace {

constexpr std::uint32_t kCircleSteps = 8'000;
constexpr std::size_t kMostStackWords = 512;
constexpr std::size_t kMostBytes = 256;  // of one write
constexpr std::size_t kMaxProbes = 16;
constexpr std::uintptr_t kWord = sizeof(std::uint64_t);

// The write that was announced last: what it wrote is seen when the next one comes. Each process's
// own, since only the process itself can look.
struct Announced {
  std::uintptr_t begin;
  std::uintptr_t end;
} announced;

std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  std::uint64_t z = a * 0x9E3779B97F4A7C15ull + b;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

// What the memory holds, as a part of the sum over all memory.
std::uint64_t hash_of_range(std::uintptr_t begin, std::uintptr_t end) {
  std::uint64_t sum = 0;
  for (std::uintptr_t at = begin; at < end; at += kWord)
    sum ^= mixed(key_of(at), *reinterpret_cast<const std::uint64_t*>(at));
  return sum;
}

void settle() {
  g_world->progress.memory ^= hash_of_range(announced.begin, announced.end);
  announced = {};
}

// The stack of the calling thread, from the frame that called into the runtime.
std::uint64_t hash_of_stack() {
  const auto* at = static_cast<const std::uint64_t*>(__builtin_frame_address(0));
  const auto* end = reinterpret_cast<const std::uint64_t*>(t_self->stack_high);
  // What is kept as the end of a process's first stack lies beyond it.
  const auto* last = static_cast<const std::uint64_t*>(__libc_stack_end);
  if (at < last && last < end) end = last;
  if (end - at > static_cast<std::ptrdiff_t>(kMostStackWords)) end = at + kMostStackWords;
  while (at < end && *at != t_self->pc) ++at;
  std::uint64_t hash = t_self->pc;
  for (; at < end; ++at) hash = mixed(hash, *at);
  return hash;
}

bool is_new(std::uint64_t state) {
  Progress& progress = g_world->progress;
  for (std::size_t i = 0; i < kMaxProbes; ++i) {
    std::uint64_t& place = progress.states[(state + i) % kProgressStates];
    if (place == state) return false;
    if (place != 0) continue;
    place = state;
    return true;
  }
  return true;
}

}  // namespace

void watch_progress() {
  Progress& progress = g_world->progress;
  // A world's table is empty at first. To write it all the same would touch each of its pages,
  // which takes longer than a short run.
  if (progress.is_watched) {
    for (std::uint64_t& state : progress.states) state = 0;
  }
  progress.is_watched = true;
  progress.circling = progress.served = 0;
  progress.has_given_way = false;
  progress.circle_began = g_world->step;
}

void note_write(std::uintptr_t address, std::size_t bytes) {
  settle();
  const std::uintptr_t end = address + (bytes < kMostBytes ? bytes : kMostBytes);
  announced = {address & ~(kWord - 1), (end + kWord - 1) & ~(kWord - 1)};
  g_world->progress.memory ^= hash_of_range(announced.begin, announced.end);
}

bool goes_in_circles(std::uint32_t weight) {
  settle();
  Progress& progress = g_world->progress;
  const std::uint64_t what = mixed(static_cast<std::uint64_t>(self_id()),
                                   progress.memory + static_cast<std::uint64_t>(t_self->is_live));
  if (is_new(mixed(what, hash_of_stack() + g_world->io_count) | 1)) {
    progress.circling = progress.served = 0;
    progress.has_given_way = false;
    progress.circle_began = g_world->step;
    return false;
  }
  progress.circling += weight;
  return progress.circling >= kCircleSteps;
}

void note_served() { ++g_world->progress.served; }

void note_gave_way() { g_world->progress.has_given_way = true; }

}  // namespace kit::explore
