// Peer: the process at the other end, as far as waiting for it is concerned.
//
// Who waits for another process waits for ever if that one has died. A semaphore does not know who
// is going to post it, so it cannot tell. Therefore every wait for the other process is cut into
// pieces of kLookMs, and after each piece its Peer is asked. In a test it is an object that says
// what the test wants; in the programs it asks the board (board.h).
//
// Thread-safety: is_alive() may be called by any number of threads. Errors: none.
#ifndef PROXY_CACHE_PEER_H_
#define PROXY_CACHE_PEER_H_

#include <cstdint>

namespace proxy_cache {

class Peer {
 public:
  // How long to wait before the peer is looked at (again). Only who waits for something looks, so
  // this costs an idle program nothing.
  static constexpr std::int64_t kLookMs = 50;

  virtual ~Peer() = default;

  // Whether it is worth while to wait for the other side. Once it is false it stays false, and then
  // the other side touches none of the memory that the two have shared, ever again.
  virtual bool is_alive() const = 0;
};

}  // namespace proxy_cache

#endif  // PROXY_CACHE_PEER_H_
