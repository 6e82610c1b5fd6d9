#include "cache_side.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include "labs/support/error.h"
#include "shm_channel.h"

namespace proxy_cache {
namespace {

// A descriptor for a process, by its number. Empty when there is none of that number.
support::UniqueFd open_process(pid_t pid) {
  support::UniqueFd fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!fd && errno != ESRCH) support::throw_errno("pidfd_open");
  return fd;
}

}  // namespace

std::unique_ptr<CacheSide> CacheSide::attach(std::string_view instance) {
  Names names = names_of(instance);
  std::optional<Board> board = Board::find(names.board);
  if (!board) return nullptr;
  support::UniqueFd proxy_fd = open_process(board->proxy_pid());
  // The number may have been given to another process, before we opened it. Not if the proxy lives
  // now.
  if (!proxy_fd || !board->proxy_is_alive()) return nullptr;
  board->take_cache_place();
  try {
    return std::unique_ptr<CacheSide>(new CacheSide(names, std::move(*board), std::move(proxy_fd)));
  } catch (const std::system_error& error) {
    // The proxy is just taking its objects away.
    if (error.code().value() == ENOENT) return nullptr;
    throw;
  }
}

CacheSide::CacheSide(const Names& names, Board board, support::UniqueFd proxy_fd)
    : board_(std::move(board)),
      segments_(Segments::open(names.segments, board_.shape().segments,
                               ShmChannel::memory_for(board_.shape().segment_bytes))),
      commands_(CommandQueue::open(names.commands)),
      proxy_fd_(std::move(proxy_fd)) {
  // TODO(step 5): What is in the queue was meant for a cache that is dead.
  epoch_ = board_.begin_epoch();
}

}  // namespace proxy_cache
