// Board: where the two processes of an instance find each other, and see whether the other lives.
//
// It is a small shared-memory object. The proxy makes it first, and publishes it last, when all
// else is there. On it stands what the cache must know: how many segments there are, how large, and
// which process the proxy is.
//
// Who lives? A process id does not say: the process may have died, and its number be another one's.
// What dies with a process for sure is a lock on a file (fcntl(2), F_OFD_SETLK). Byte 0 of the
// board is locked by the proxy, byte 1 by the cache, for as long as they live. The kernel lets go
// of a lock when the last thread of the process has let go of the file, and before that each of
// them has let go of its memory: when the lock is free, nobody writes into the segments any more.
//
//   - A board whose byte 0 is free is a dead proxy's. The next proxy takes everything away and
//     makes it anew; a cache passes it by.
//   - Who finds its own byte locked is the second one of its kind.
//
// Which cache? One cache may die and the next one come while a request waits. Byte 1 is locked all
// the same, yet nobody will ever answer. So each cache that comes counts up the epoch, a command
// says which epoch it is meant for, and who waits looks whether it is still the same.
//
// Ownership: as SharedMemory; the locks belong to the descriptor. Do not fork() while you own one.
// Thread-safety: all functions may be called by any number of threads.
// Errors: std::system_error; InstanceInUse where it says so.
// Source: fcntl(2), "Open file description locks".
#ifndef PROXY_CACHE_BOARD_H_
#define PROXY_CACHE_BOARD_H_

#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include "labs/support/deadline.h"
#include "peer.h"
#include "shared_memory.h"

namespace proxy_cache {

// A living process has the place that we want.
class InstanceInUse : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Shape {
  std::uint64_t segments = 8;
  std::uint64_t segment_bytes = 5712;  // for content, in each

  bool operator==(const Shape&) const = default;
};

struct BoardMemory;  // board.cc

class Board {
 public:
  // The proxy's. Throws InstanceInUse when another proxy of this instance lives. Else the board of
  // a dead one is taken away first; what else it has left is up to the caller, who does it before
  // publish(). The cache does not see the board before that.
  static Board create(const std::string& name, const Shape& shape);
  void publish();

  // The cache's. std::nullopt when there is no board, or it is not published yet, or its proxy is
  // dead.
  static std::optional<Board> find(const std::string& name);

  const Shape& shape() const;
  pid_t proxy_pid() const;

  // The cache takes its place. Throws InstanceInUse when another cache has it.
  void take_cache_place();

  // It serves from now on; returns its epoch. From here on the proxy sends commands.
  std::uint32_t begin_epoch();

  // The epoch of the cache that came last; 0: none has come yet.
  std::uint32_t epoch() const;

  // Waits until the first cache has come. Says so at once if one has come ever. False when the
  // deadline has passed first.
  bool wait_for_first_cache(support::Deadline deadline) const;

  bool proxy_is_alive() const;
  bool cache_is_alive(std::uint32_t epoch) const;

 private:
  explicit Board(SharedMemory memory) : memory_(std::move(memory)) {}

  BoardMemory& content() const;

  SharedMemory memory_;
};

// The cache of one epoch, as the proxy sees it. It counts as dead when the proxy is about to end.
class CachePeer : public Peer {
 public:
  CachePeer(const Board& board, std::uint32_t epoch, const std::atomic<bool>& is_ending)
      : board_(board), epoch_(epoch), is_ending_(is_ending) {}

  bool is_alive() const override { return !is_ending_.load() && board_.cache_is_alive(epoch_); }

 private:
  const Board& board_;
  const std::uint32_t epoch_;
  const std::atomic<bool>& is_ending_;
};

// The proxy, as the cache sees it. It counts as dead when the cache is about to end.
class ProxyPeer : public Peer {
 public:
  ProxyPeer(const Board& board, const std::atomic<bool>& is_ending)
      : board_(board), is_ending_(is_ending) {}

  bool is_alive() const override { return !is_ending_.load() && board_.proxy_is_alive(); }

 private:
  const Board& board_;
  const std::atomic<bool>& is_ending_;
};

}  // namespace proxy_cache

#endif  // PROXY_CACHE_BOARD_H_
