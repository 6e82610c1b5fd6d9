#include "proxy_side.h"

#include <mqueue.h>
#include <sys/mman.h>

#include <algorithm>
#include <string>

#include "shm_channel.h"

namespace proxy_cache {
namespace {

// Makes the board, and takes away what else a dead proxy may have left. (We have the board, so
// nobody else of this instance is there any more.)
Board make_board(const Names& names, const Shape& shape) {
  Board board = Board::create(names.board, shape);
  // TODO(step 5): The names of the other two objects; it is no error if there are none.
  return board;
}

}  // namespace

ProxySide::ProxySide(std::string_view instance, const Shape& shape)
    : names_(names_of(instance)),
      board_(make_board(names_, shape)),
      pool_(names_.segments, shape.segments, ShmChannel::memory_for(shape.segment_bytes)),
      commands_(CommandQueue::create(names_.commands)) {
  board_.publish();
}

std::optional<std::uint32_t> ProxySide::find_cache() const {
  // TODO(step 5): In the beginning, wait for the first cache.
  std::uint32_t epoch = board_.epoch();
  if (epoch == 0 || !board_.cache_is_alive(epoch)) return std::nullopt;
  return epoch;
}

void ProxySide::end() {
  // In this order: when nobody waits for the cache any more, a segment may come back although the
  // cache still writes into it. It must not be given to anybody.
  pool_.close();
  is_ending_ = true;
}

}  // namespace proxy_cache
