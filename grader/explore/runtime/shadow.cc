#include "grader/explore/runtime/shadow.h"

#include <sys/mman.h>

#include "grader/explore/runtime/finish.h"
#include "grader/explore/runtime/keys.h"
#include "grader/explore/runtime/scheduler.h"
#include "grader/explore/runtime/trace.h"

namespace kit::explore {
namespace {

constexpr int kWordBytes = 8;
constexpr int kReaders = 4;
constexpr int kStackDepth = 5;
constexpr std::size_t kCells = std::size_t{1} << 19;
constexpr std::size_t kMaxProbes = 64;
constexpr std::size_t kMaxRange = 4096;  // of one memcpy or free: enough to find who else is there

struct Past {
  std::uint32_t clock;  // of the thread at that time; 0: never
  std::uint32_t step;
  std::uint8_t thread;
  std::uint8_t bytes;  // a bit for each byte of the word
  bool is_atomic;
  std::uint32_t stack[kStackDepth];
};

struct Cell {
  std::uint64_t word;    // of the key; 0: free
  std::uint8_t touched;  // a bit for each thread, modulo 8
  bool is_written;
  bool is_freed;
  bool is_learned;
  bool is_racy;
  Past write;
  Past reads[kReaders];
};

Cell* private_cells = nullptr;
Cell* shared_cells = nullptr;

Cell* map_cells(int flags) {
  void* memory = mmap(nullptr, kCells * sizeof(Cell), PROT_READ | PROT_WRITE,
                      flags | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<Cell*>(memory);
}

// Neighbours in memory are neighbours in the table: few pages are touched.
Cell* find_cell(Key key, bool make) {
  Cell* cells = is_shared_key(key) ? shared_cells : private_cells;
  const std::uint64_t word = key / kWordBytes;
  const std::size_t begin = word ^ word >> 24;
  for (std::size_t i = 0; i < kMaxProbes; ++i) {
    Cell& cell = cells[(begin + i) % kCells];
    if (cell.word == word) return &cell;
    if (cell.word != 0) continue;
    if (!make) return nullptr;
    cell.word = word;
    return &cell;
  }
  return nullptr;  // too much memory to watch: a race less is found
}

bool is_in_stack(const Thread& thread, std::uintptr_t address) {
  return address >= thread.stack_low && address < thread.stack_high;
}

std::uint8_t bit_of(int thread) { return static_cast<std::uint8_t>(1u << (thread % 8)); }

// Memory of another thread's stack was touched by its owner, though that was not looked at.
void note_owner(Cell& cell, std::uintptr_t address) {
  for (int i = 0; i < g_world->thread_count; ++i) {
    const Thread& thread = g_world->threads[i];
    if (i == self_id() || thread.process != t_self->process || !is_in_stack(thread, address))
      continue;
    cell.touched |= bit_of(i);
    cell.is_written = true;
  }
}

// The cell of an access. Null for what only this thread has ever touched: its own stack.
Cell* cell_of(std::uintptr_t address) {
  const Key key = has_shared_memory() ? key_of(address) : Key(t_self->process) << 48 | address;
  const bool is_own = is_in_stack(*t_self, address);
  Cell* cell = find_cell(key, !is_own);
  if (cell != nullptr && cell->touched == 0 && !is_own) note_owner(*cell, address);
  return cell;
}

bool is_shared(const Cell& cell) {
  return cell.is_written && (cell.touched & (cell.touched - 1)) != 0;
}

bool is_worth_a_point(const Cell& cell) {
  if (g_channel->plan.strategy == StrategyKind::kReplay)
    return false;  // the schedule says where to stop
  if (cell.is_racy) return true;
  return g_channel->plan.memory_points && is_shared(cell);
}

std::uint8_t mask_of(std::uintptr_t address, std::size_t bytes) {
  const std::size_t first = address % kWordBytes;
  const unsigned ones = bytes >= kWordBytes ? 0xffu : (1u << bytes) - 1;
  return static_cast<std::uint8_t>(ones << first);
}

bool is_ordered(const Past& past) {
  return past.clock == 0 || past.clock <= t_self->clock.at(past.thread);
}

RaceSide side_of(const Past& past, bool is_write) {
  RaceSide side{past.thread, is_write, past.is_atomic, past.step, {}};
  for (int i = 0; i < kStackDepth; ++i) side.stack.frames[i] = past.stack[i];
  return side;
}

void report(Cell& cell, std::uintptr_t address, const Past& past, bool past_writes, const Past& now,
            bool now_writes) {
  if (!cell.is_racy) learn(cell.word * kWordBytes | 1);
  cell.is_racy = true;
  Outcome& outcome = g_channel->outcome;
  if (outcome.has_race) return;
  outcome.has_race = true;
  outcome.race_address = address;
  outcome.race[0] = side_of(past, past_writes);
  outcome.race[1] = side_of(now, now_writes);
}

void check(Cell& cell, std::uintptr_t address, const Past& now, Touch touch) {
  const auto races = [&now](const Past& past) {
    return (past.bytes & now.bytes) != 0 && !(past.is_atomic && now.is_atomic) && !is_ordered(past);
  };
  if (races(cell.write)) report(cell, address, cell.write, true, now, touch == Touch::kWrite);
  if (touch == Touch::kRead) return;
  for (const Past& read : cell.reads) {
    if (races(read)) report(cell, address, read, false, now, true);
  }
}

// A place for a read: the thread's own, a free one, one that is ordered before, or the first.
Past& place_for(Cell& cell) {
  Past* place = &cell.reads[0];
  for (Past& read : cell.reads) {
    if (read.clock != 0 && read.thread == self_id()) return read;
    if (is_ordered(read)) place = &read;
  }
  return *place;
}

void remember(Cell& cell, std::uintptr_t address, std::size_t bytes, Touch touch, bool is_atomic) {
  const int self = self_id();
  Past now{t_self->clock.at(self),  g_world->step, static_cast<std::uint8_t>(self),
           mask_of(address, bytes), is_atomic,     {}};
  store_stack(now.stack, kStackDepth);
  check(cell, address, now, touch);
  cell.touched |= bit_of(self);
  if (touch == Touch::kWrite) {
    cell.is_written = true;
    cell.write = now;
  } else {
    place_for(cell) = now;
  }
  if (cell.is_learned || !is_shared(cell)) return;
  cell.is_learned = true;
  learn(cell.word * kWordBytes);
}

void check_freed(const Cell& cell) {
  if (!cell.is_freed) return;
  g_channel->outcome.race[0] = side_of(cell.write, true);
  finish(Verdict::kUseAfterFree, "memory is used after it was freed");
}

// Calls `each` for the part of the range in each word.
template <typename Each>
void for_each_word(std::uintptr_t address, std::size_t bytes, Each each) {
  const std::uintptr_t end = address + (bytes < kMaxRange ? bytes : kMaxRange);
  while (address < end) {
    const std::uintptr_t next = (address / kWordBytes + 1) * kWordBytes;
    each(address, (next < end ? next : end) - address);
    address = next;
  }
}

}  // namespace

// The lowest bit of what was learnt says that there was a race.
static void take_in_learned(bool is_shared) {
  for (std::uint32_t i = 0; i < g_channel->learned_count; ++i) {
    const Key key = g_channel->learned[i] & ~Key{7};
    Cell* cell = is_shared_key(key) == is_shared ? find_cell(key, true) : nullptr;
    if (cell == nullptr) continue;
    cell->touched = 0xff;
    cell->is_written = cell->is_learned = true;
    if ((g_channel->learned[i] & 1) != 0) cell->is_racy = true;
  }
}

void make_shadow() {
  private_cells = map_cells(MAP_PRIVATE);
  if (private_cells == nullptr) finish_unsupported("no memory for the explorer's tables");
  take_in_learned(false);
}

void make_shared_shadow() {
  if (shared_cells != nullptr) return;
  shared_cells = map_cells(MAP_SHARED);
  if (shared_cells == nullptr) finish_unsupported("no memory for the explorer's tables");
  take_in_learned(true);
}

void access(std::uintptr_t address, std::size_t bytes, Touch touch, bool must_stop) {
  const Op op = touch == Touch::kWrite ? Op::kWrite : Op::kRead;
  Cell* first = nullptr;
  Key key = 0;
  for_each_word(address, bytes, [&](std::uintptr_t at, std::size_t) {
    Cell* cell = cell_of(at);
    if (cell == nullptr || (first != nullptr && (is_shared(*first) || !is_shared(*cell)))) return;
    first = cell;
    key = cell->word * kWordBytes + at % kWordBytes;
  });
  if (must_stop || (first != nullptr && is_worth_a_point(*first))) {
    point_at_memory({.op = op, .key = key, .writes = touch == Touch::kWrite}, must_stop);
  }
  if (first == nullptr) return;
  if (is_shared(*first)) record(op, key);
  for_each_word(address, bytes, [touch](std::uintptr_t at, std::size_t size) {
    Cell* cell = cell_of(at);
    if (cell == nullptr) return;
    check_freed(*cell);
    remember(*cell, at, size, touch, false);
  });
}

void access_atomically(std::uintptr_t address, std::size_t bytes, Touch touch) {
  Cell* cell = find_cell(key_of(address), true);
  if (cell == nullptr) return;
  check_freed(*cell);
  remember(*cell, address, bytes, touch, true);
}

void check_object(Key key) {
  const Cell* cell = find_cell(key, false);
  if (cell != nullptr) check_freed(*cell);
}

void forget(std::uintptr_t address, std::size_t bytes) {
  for_each_word(address, bytes, [](std::uintptr_t at, std::size_t) {
    Cell* cell = find_cell(key_of(at), false);
    if (cell == nullptr) return;
    const std::uint64_t word = cell->word;
    const bool was_learned = cell->is_learned;
    const bool was_racy = cell->is_racy;
    *cell = Cell{};
    cell->word = word;
    cell->is_learned = cell->is_written = was_learned;
    cell->is_racy = was_racy;
    cell->touched = was_learned ? 0xff : 0;
  });
}

bool mark_freed(std::uintptr_t address, std::size_t bytes) {
  bool was_freed = false;
  for_each_word(address, bytes, [&was_freed](std::uintptr_t at, std::size_t) {
    Cell* cell = find_cell(key_of(at), true);
    if (cell == nullptr) return;
    was_freed = was_freed || cell->is_freed;
    cell->is_freed = true;
    remember(*cell, at, kWordBytes, Touch::kWrite, false);
  });
  return !was_freed;
}

}  // namespace kit::explore
