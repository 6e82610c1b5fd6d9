// LruStore: content in memory, within a budget; what was not used for the longest time goes first.
//
// Only the bytes of content count. (Empty content costs nothing by that measure, so the number of
// keys has a limit, too.) What is being sent to somebody while it is dropped stays in memory until
// it has been sent, and does not count any more.
//
// Ownership: owns the content, together with those that find() has given it to.
// Thread-safety: all functions may be called by any number of threads.
#ifndef PROXY_CACHE_LRU_STORE_H_
#define PROXY_CACHE_LRU_STORE_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "content.h"

namespace proxy_cache {

class LruStore {
 public:
  static constexpr std::size_t kMaxKeys = 65'536;

  explicit LruStore(std::uint64_t budget_bytes);

  // Whether content of this size fits at all.
  bool has_room_for(std::uint64_t bytes) const { return bytes <= budget_bytes_; }

  // Keeps it, in the place of what the key had before, and drops others until all is within the
  // budget. False when it does not fit at all: then nothing is changed.
  bool insert(const std::string& key, std::shared_ptr<const Content> content);

  // Null when the key is not there. Else it has just been used.
  std::shared_ptr<const Content> find(const std::string& key);

  // How much content there is.
  std::uint64_t bytes() const;

 private:
  const std::uint64_t budget_bytes_;

  // TODO(step 6): What is kept, and in which order it was used.
};

}  // namespace proxy_cache

#endif  // PROXY_CACHE_LRU_STORE_H_
