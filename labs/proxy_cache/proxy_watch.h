// ProxyWatch: a descriptor that becomes readable when the proxy has ended.
//
// The boss of simplecached sleeps in poll(2), and poll() knows descriptors only. So it needs one
// for "the proxy has ended": a pidfd, which stands for a process. Where there are none (before
// Linux 5.3, or under Valgrind) a thread looks at the proxy's lock instead, every Peer::kLookMs.
//
// Ownership: borrows the board; owns its descriptors and its thread.
// Thread-safety: fd() by any number of threads.
// Errors: the constructor throws std::system_error.
// Source: pidfd_open(2), eventfd(2).
#ifndef PROXY_CACHE_PROXY_WATCH_H_
#define PROXY_CACHE_PROXY_WATCH_H_

#include <thread>

#include "board.h"
#include "labs/support/fd.h"

namespace proxy_cache {

class ProxyWatch {
 public:
  explicit ProxyWatch(const Board& board);
  ~ProxyWatch();

  ProxyWatch(const ProxyWatch&) = delete;
  ProxyWatch& operator=(const ProxyWatch&) = delete;

  // Readable from the moment the proxy has ended.
  int fd() const { return fd_.get(); }

 private:
  void look(const Board& board) const;

  support::UniqueFd fd_;   // a pidfd, or what the thread writes to
  support::UniqueFd end_;  // readable when the thread is to end
  std::thread thread_;     // only where there is no pidfd
};

}  // namespace proxy_cache

#endif  // PROXY_CACHE_PROXY_WATCH_H_
