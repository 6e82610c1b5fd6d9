#include "shelf.h"

#include "labs/support/simplecache/simplecache.h"

namespace proxy_cache {

std::shared_ptr<const Content> Shelf::find(const std::string& key) {
  int fd = simplecache_get(key);
  if (fd >= 0) return std::make_shared<FileContent>(fd);
  return store_.find(key);
}

}  // namespace proxy_cache
