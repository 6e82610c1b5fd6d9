#include "grader/harness/content.h"

#include <algorithm>
#include <cstring>

namespace kit {
namespace {

constexpr std::size_t kWord = sizeof(std::uint64_t);

// The mixing step of splitmix64: neighbours come out unlike each other.
std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

}  // namespace

std::string Content::bytes(std::uint64_t offset, std::size_t count) const {
  if (offset >= size_) return "";
  count = static_cast<std::size_t>(std::min<std::uint64_t>(count, size_ - offset));
  const std::uint64_t first = offset / kWord;
  const std::size_t skipped = offset % kWord;
  std::string out((skipped + count + kWord - 1) / kWord * kWord, '\0');
  for (std::size_t i = 0; i < out.size(); i += kWord) {
    const std::uint64_t word = mixed(seed_ * 0x9e3779b97f4a7c15 + first + i / kWord);
    std::memcpy(out.data() + i, &word, kWord);
  }
  return out.substr(skipped, count);
}

std::optional<std::uint64_t> Content::find_wrong(std::uint64_t offset, std::string_view got) const {
  const std::string right = bytes(offset, got.size());
  if (got == right) return std::nullopt;
  const auto [a, b] = std::mismatch(right.begin(), right.end(), got.begin());
  return offset + static_cast<std::uint64_t>(a - right.begin());
}

}  // namespace kit
