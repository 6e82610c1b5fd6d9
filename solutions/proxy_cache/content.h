// Content: the bytes of one key, wherever they are, and how to copy a piece of them.
//
// Ownership: a Content is held by std::shared_ptr: who sends it keeps it alive, also when the store
// has dropped it meanwhile.
// Thread-safety: any number of threads may read one Content at the same time.
// Errors: read_at() throws std::system_error.
// Source: pread(2).
#ifndef PROXY_CACHE_CONTENT_H_
#define PROXY_CACHE_CONTENT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace proxy_cache {

class Content {
 public:
  virtual ~Content() = default;

  virtual std::uint64_t size() const = 0;

  // Copies bytes from `offset` on into `room`, and returns how many: fewer than there is room for
  // when the content ends there, 0 at its end.
  virtual std::size_t read_at(std::uint64_t offset, std::span<char> room) const = 0;
};

// A file. The descriptor is borrowed, and all threads share it: so nobody may move its offset.
class FileContent : public Content {
 public:
  // Throws std::system_error when the descriptor is no file's.
  explicit FileContent(int fd);

  std::uint64_t size() const override { return size_; }  // as it was at the beginning
  std::size_t read_at(std::uint64_t offset, std::span<char> room) const override;

 private:
  const int fd_;
  std::uint64_t size_ = 0;
};

// Bytes in memory.
class MemoryContent : public Content {
 public:
  explicit MemoryContent(std::string bytes) : bytes_(std::move(bytes)) {}

  std::uint64_t size() const override { return bytes_.size(); }
  std::size_t read_at(std::uint64_t offset, std::span<char> room) const override;

 private:
  const std::string bytes_;
};

}  // namespace proxy_cache

#endif  // PROXY_CACHE_CONTENT_H_
