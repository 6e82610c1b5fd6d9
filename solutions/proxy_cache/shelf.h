// Shelf: where simplecached looks for a key: in the index first, then among what the proxy has
// offered (step 6).
//
// Ownership: owns the store; the index is simplecache's, one for the process.
// Thread-safety: all functions may be called by any number of threads.
// Errors: find() throws std::system_error when a file of the index cannot be looked at.
#ifndef PROXY_CACHE_SHELF_H_
#define PROXY_CACHE_SHELF_H_

#include <cstdint>
#include <memory>
#include <string>

#include "content.h"
#include "lru_store.h"

namespace proxy_cache {

class Shelf {
 public:
  // `budget_bytes`: for all that the proxy offers together.
  explicit Shelf(std::uint64_t budget_bytes) : store_(budget_bytes) {}

  // Null when the key is not known.
  std::shared_ptr<const Content> find(const std::string& key);

  LruStore& store() { return store_; }

 private:
  LruStore store_;
};

}  // namespace proxy_cache

#endif  // PROXY_CACHE_SHELF_H_
