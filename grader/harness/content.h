// The content of a file that is made up: bytes that follow from a seed and from where they stand.
//
// A check compares hundreds of megabytes with it and keeps none of them: any part can be made
// again. A byte that is missing, doubled, or of another file is seen, since no two places look
// alike.
//
// Thread-safety: an unchanging value. Errors: none.
#ifndef GRADER_HARNESS_CONTENT_H_
#define GRADER_HARNESS_CONTENT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kit {

class Content {
 public:
  explicit Content(std::uint64_t size, std::uint64_t seed = 1) : size_(size), seed_(seed) {}

  std::uint64_t size() const { return size_; }

  // The bytes from `offset` on, `count` of them or those that there are.
  std::string bytes(std::uint64_t offset, std::size_t count) const;
  std::string all() const { return bytes(0, size_); }

  // Where `got`, which came at `offset`, is first wrong, counted from the file's beginning.
  std::optional<std::uint64_t> find_wrong(std::uint64_t offset, std::string_view got) const;

 private:
  std::uint64_t size_;
  std::uint64_t seed_;
};

}  // namespace kit

#endif  // GRADER_HARNESS_CONTENT_H_
