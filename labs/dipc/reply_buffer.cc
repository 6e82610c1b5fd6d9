#include "reply_buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace dipc {

std::span<char> ReplyBuffer::room(std::size_t bytes) {
  if (capacity_ - size_ < bytes) {
    std::size_t capacity = std::max(size_ + bytes, 2 * capacity_);
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    if (size_ > 0) std::memcpy(larger.get(), buffer_.get(), size_);
    buffer_ = std::move(larger);
    capacity_ = capacity;
  }
  return {buffer_.get() + size_, capacity_ - size_};
}

void ReplyBuffer::add(std::string_view bytes) {
  std::memcpy(room(bytes.size()).data(), bytes.data(), bytes.size());
  added(bytes.size());
}

void ReplyBuffer::flush(support::Stream& stream) {
  stream.write_all(std::string_view(buffer_.get(), size_));
  size_ = 0;
}

}  // namespace dipc
