#include "cache_side.h"

#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include "shm_channel.h"

namespace proxy_cache {

std::unique_ptr<CacheSide> CacheSide::attach(std::string_view instance) {
  Names names = names_of(instance);
  std::optional<Board> board = Board::find(names.board);
  if (!board) return nullptr;
  board->take_cache_place();
  try {
    return std::unique_ptr<CacheSide>(new CacheSide(names, std::move(*board)));
  } catch (const std::system_error& error) {
    // The proxy is just taking its objects away.
    if (error.code().value() == ENOENT) return nullptr;
    throw;
  }
}

CacheSide::CacheSide(const Names& names, Board board)
    : board_(std::move(board)),
      segments_(Segments::open(names.segments, board_.shape().segments,
                               ShmChannel::memory_for(board_.shape().segment_bytes))),
      commands_(CommandQueue::open(names.commands)),
      proxy_watch_(board_) {
  // TODO(step 5): What is in the queue was meant for a cache that is dead.
  epoch_ = board_.begin_epoch();
}

}  // namespace proxy_cache
