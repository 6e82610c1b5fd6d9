// CacheSide: the IPC objects of one proxy as the cache has them.
//
// It lasts as long as that proxy does. When the proxy has gone, the cache lets go of it and looks
// for the next one.
//
// Ownership: owns its mappings and descriptors, but none of the objects: they are the proxy's.
// Thread-safety: all functions may be called by any number of threads; commands().receive() by one.
// Errors: attach() throws InstanceInUse when another cache serves this proxy, or what opening the
// objects throws.
#ifndef PROXY_CACHE_CACHE_SIDE_H_
#define PROXY_CACHE_CACHE_SIDE_H_

#include <cstdint>
#include <memory>
#include <string_view>

#include "board.h"
#include "command_queue.h"
#include "names.h"
#include "proxy_watch.h"
#include "segments.h"

namespace proxy_cache {

class CacheSide {
 public:
  // Takes the cache's place at the proxy of this instance. Null when there is none that lives.
  static std::unique_ptr<CacheSide> attach(std::string_view instance);

  CacheSide(const CacheSide&) = delete;
  CacheSide& operator=(const CacheSide&) = delete;

  const Board& board() const { return board_; }
  const Segments& segments() const { return segments_; }
  CommandQueue& commands() { return commands_; }
  std::uint32_t epoch() const { return epoch_; }

  // Readable from the moment the proxy has ended.
  int proxy_fd() const { return proxy_watch_.fd(); }

 private:
  CacheSide(const Names& names, Board board);

  Board board_;
  const Segments segments_;
  CommandQueue commands_;
  const ProxyWatch proxy_watch_;
  std::uint32_t epoch_ = 0;
};

}  // namespace proxy_cache

#endif  // PROXY_CACHE_CACHE_SIDE_H_
