#include "cache_request.h"

#include "labs/support/deadline.h"

namespace proxy_cache {

// TODO(step 4): Get a segment, find the cache, send the command. If one of these fails, there is
// nothing to read.
CacheRequest::CacheRequest(ProxySide& side, const std::string& key) {
  (void)side;
  (void)key;
}

std::optional<Header> CacheRequest::header() {
  // TODO(step 4): What the cache says.
  return std::nullopt;
}

std::span<const char> CacheRequest::next() {
  // TODO(step 4): The next chunk.
  return {};
}

void CacheRequest::release() {
  // TODO(step 4): It has been sent.
}

bool CacheRequest::is_whole() const {
  // TODO(step 4): Whether it was all.
  return false;
}

}  // namespace proxy_cache
