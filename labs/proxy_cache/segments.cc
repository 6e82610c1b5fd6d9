#include "segments.h"

#include <stdexcept>
#include <utility>

namespace proxy_cache {
namespace {

// How far apart the segments lie.
constexpr std::size_t stride_of(std::size_t bytes) {
  return (bytes + Segments::kAlignment - 1) / Segments::kAlignment * Segments::kAlignment;
}

// How large the object is, for numbers that make sense.
std::size_t size_of(std::size_t count, std::size_t bytes) {
  // Far below what a size_t can hold, so that nothing overflows, and still more than any machine
  // has.
  constexpr std::size_t kMaxBytes = std::size_t{1} << 46;
  if (count == 0 || bytes == 0 || bytes > kMaxBytes || count > kMaxBytes / stride_of(bytes)) {
    throw std::invalid_argument("not a number of segments, or not a size for them");
  }
  return count * stride_of(bytes);
}

}  // namespace

Segments Segments::create(const std::string& name, std::size_t count, std::size_t bytes) {
  return Segments(SharedMemory::create(name, size_of(count, bytes)), count, bytes);
}

Segments Segments::open(const std::string& name, std::size_t count, std::size_t bytes) {
  SharedMemory memory = SharedMemory::open(name);
  if (memory.size() != size_of(count, bytes)) {
    throw std::runtime_error(name + ": not the size of these segments");
  }
  return Segments(std::move(memory), count, bytes);
}

Segment Segments::at(std::uint32_t number) const {
  // TODO(step 1): Where the segment of this number lies.
  throw std::out_of_range("not implemented yet (step 1), segment " + std::to_string(number));
}

}  // namespace proxy_cache
