#include "lru_store.h"

#include <utility>

namespace proxy_cache {

LruStore::LruStore(std::uint64_t budget_bytes) : budget_bytes_(budget_bytes) {}

bool LruStore::insert(const std::string& key, std::shared_ptr<const Content> content) {
  //~ begin step 6: Take the old one out, put the new one in front, and drop from the end what is
  //~   too much.
  //~| (void)key;
  //~| (void)content;
  //~| return false;
  std::uint64_t size = content->size();
  if (!has_room_for(size)) return false;
  std::lock_guard lock(mutex_);
  if (auto old = by_key_.find(key); old != by_key_.end()) drop(old->second);
  entries_.push_front({key, std::move(content)});
  by_key_[key] = entries_.begin();
  bytes_ += size;
  while (bytes_ > budget_bytes_ || by_key_.size() > kMaxKeys) drop(std::prev(entries_.end()));
  return true;
  //~ end
}

std::shared_ptr<const Content> LruStore::find(const std::string& key) {
  //~ begin step 6: To be asked for is to be used.
  //~| (void)key;
  //~| return nullptr;
  std::lock_guard lock(mutex_);
  auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  // Moves the entry to the front; iterators to it stay what they are.
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->content;
  //~ end
}

std::uint64_t LruStore::bytes() const {
  //~ begin step 6: How much there is.
  //~| return 0;
  std::lock_guard lock(mutex_);
  return bytes_;
  //~ end
}

//~ begin step 6: Functions of your own can stand here.
void LruStore::drop(Entries::iterator entry) {
  bytes_ -= entry->content->size();
  by_key_.erase(entry->key);
  entries_.erase(entry);
}
//~ end

}  // namespace proxy_cache
