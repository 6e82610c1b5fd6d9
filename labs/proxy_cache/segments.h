// Segments: pieces of shared memory, all of one size, known by number.
//
// The proxy makes them and the cache opens them. All lie in one shared-memory object, one after the
// other, each at a multiple of 64 bytes, so that no two share a cache line and whatever is put at
// the beginning of one is aligned. Hundreds of segments smaller than a page are fine.
//
// Ownership: as SharedMemory. Thread-safety: does not change after its construction.
// Errors: what SharedMemory throws; std::invalid_argument for no segments, or segments without
// bytes, or more than there can be; std::runtime_error from open() when the object has another
// size.
#ifndef PROXY_CACHE_SEGMENTS_H_
#define PROXY_CACHE_SEGMENTS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "shared_memory.h"

namespace proxy_cache {

struct Segment {
  std::uint32_t number = 0;  // the same in both processes
  std::span<char> memory;    // at an address of this process
};

class Segments {
 public:
  static constexpr std::size_t kAlignment = 64;

  // `count` segments of `bytes` bytes each, all zero.
  static Segments create(const std::string& name, std::size_t count, std::size_t bytes);

  // Those that another process has made, of the same shape.
  static Segments open(const std::string& name, std::size_t count, std::size_t bytes);

  std::size_t count() const { return count_; }

  // The segment of this number; std::out_of_range if there is none. (The number may come from the
  // other process.)
  Segment at(std::uint32_t number) const;

 private:
  Segments(SharedMemory memory, std::size_t count, std::size_t bytes)
      : memory_(std::move(memory)), count_(count), bytes_(bytes) {}

  SharedMemory memory_;
  std::size_t count_;
  std::size_t bytes_;
};

}  // namespace proxy_cache

#endif  // PROXY_CACHE_SEGMENTS_H_
