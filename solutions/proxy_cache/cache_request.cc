#include "cache_request.h"

#include "labs/support/deadline.h"

namespace proxy_cache {

//~ begin step 4: Get a segment, find the cache, send the command. If one of these fails, there is
//~   nothing to read.
//~| CacheRequest::CacheRequest(ProxySide& side, const std::string& key) {
//~|   (void)side;
//~|   (void)key;
//~| }
CacheRequest::CacheRequest(ProxySide& side, const std::string& key)
    : lease_(side.pool().take(support::Deadline::never())) {
  if (!lease_) return;  // the proxy ends
  std::optional<std::uint32_t> epoch = side.find_cache();
  if (!epoch) return;
  cache_.emplace(side.cache(*epoch));
  const Segment& segment = lease_->segment();
  ShmChannel::init(segment.memory);
  Command command{Command::Kind::kGet, *epoch, segment.number, key};
  if (side.commands().send(command, *cache_)) reader_.emplace(segment.memory, *cache_);
}
//~ end

std::optional<Header> CacheRequest::header() {
  //~ begin step 4: What the cache says.
  //~| return std::nullopt;
  return reader_ ? reader_->header() : std::nullopt;
  //~ end
}

std::span<const char> CacheRequest::next() {
  //~ begin step 4: The next chunk.
  //~| return {};
  return reader_->next();
  //~ end
}

void CacheRequest::release() {
  //~ begin step 4: It has been sent.
  reader_->release();
  //~ end
}

bool CacheRequest::is_whole() const {
  //~ begin step 4: Whether it was all.
  //~| return false;
  return reader_->is_whole();
  //~ end
}

}  // namespace proxy_cache
