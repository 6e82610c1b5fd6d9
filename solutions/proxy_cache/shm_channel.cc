#include "shm_channel.h"

#include <semaphore.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <new>
#include <stdexcept>

#include "labs/support/deadline.h"
#include "labs/support/error.h"

namespace proxy_cache {

//~ begin step 2: What lies at the beginning of a segment, and functions of your own. A semaphore in
//~   shared memory must be told that it is shared (sem_init(3)).
//~| struct ChannelControl {};
// Who may touch what is decided by the semaphores: what the writer has written before it posts, the
// reader sees after its wait, and the other way round (POSIX, 4.12, "Memory Synchronization").
struct ChannelControl {
  // Each in a cache line of its own: one side waits for it while the other one is at work.
  alignas(64) sem_t filled;
  alignas(64) sem_t free;
  alignas(64) Header header;                            // the writer's, until the first post
  std::array<std::uint32_t, ShmChannel::kSlots> bytes;  // in each slot; 0: the end mark
  std::atomic<bool> is_cancelled;                       // the reader wants no more
};
static_assert(sizeof(ChannelControl) <= ShmChannel::kControlBytes);
static_assert(std::atomic<bool>::is_always_lock_free, "a lock would be one process's own");

namespace {

ChannelControl& control_of(std::span<char> memory) {
  if (memory.size() < ShmChannel::memory_for(ShmChannel::kSlots)) {
    throw std::invalid_argument("a segment that is too small for its control block and content");
  }
  return *reinterpret_cast<ChannelControl*>(memory.data());
}

// The part of slot `number`.
std::span<char> slot_of(std::span<char> content, std::size_t number) {
  std::size_t bytes = content.size() / ShmChannel::kSlots;
  return content.subspan(number * bytes, bytes);
}

// Waits for the other side's post. False when it has died, and will post no more.
bool wait(sem_t& semaphore, const Peer& peer) {
  for (;;) {
    timespec look = support::Deadline::after_ms(Peer::kLookMs).at();
    if (::sem_clockwait(&semaphore, CLOCK_MONOTONIC, &look) == 0) return true;
    if (errno == EINTR) continue;
    if (errno != ETIMEDOUT) support::throw_errno("sem_clockwait");
    // What it has posted with its last breath counts.
    if (!peer.is_alive()) return ::sem_trywait(&semaphore) == 0;
  }
}

// Tells the processor that it is in a waiting loop: it saves power, and leaves more to its sibling.
void pause_processor() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

// Looks whether the other side posts within some microseconds, before one goes to sleep. To sleep
// and to be woken takes about as long, on both sides, and while chunks flow, the next one is mostly
// on its way. Who looks for as long as sleeping would take never loses more than that once (Karlin
// and others, "Competitive randomized algorithms for nonuniform problems", SODA 1990). It is no way
// to wait: it ends after kLooks looks, and an idle program never comes here.
//
// When all processors are busy, the other side cannot run while we look. So a look that was in vain
// makes us go to sleep at once the next times: 1, 3, 7 and then 15 times.
bool look_for_a_moment(sem_t& semaphore, Patience& patience) {
  constexpr int kLooks = 7;
  constexpr int kMaxPenalty = 15;
  if (patience.skips > 0) {
    --patience.skips;
    return false;
  }
  for (int look = 0; look < kLooks; ++look) {
    if (::sem_trywait(&semaphore) == 0) {
      if (look > 0) patience.penalty = 0;
      return true;
    }
    for (int pause = 0; pause < 4 << look; ++pause) pause_processor();
  }
  patience.penalty = std::min(2 * patience.penalty + 1, kMaxPenalty);
  patience.skips = patience.penalty;
  return false;
}

void post(sem_t& semaphore) {
  if (::sem_post(&semaphore) < 0) support::throw_errno("sem_post");
}

}  // namespace
//~ end

void ShmChannel::init(std::span<char> memory) {
  //~ begin step 2: No slot is filled, all are free.
  //~| (void)memory;
  auto* control = new (&control_of(memory)) ChannelControl{};
  if (::sem_init(&control->filled, /*pshared=*/1, 0) < 0 ||
      ::sem_init(&control->free, /*pshared=*/1, kSlots) < 0) {
    support::throw_errno("sem_init");
  }
  //~ end
}

//~ begin step 2: Keep what you were given.
//~| ChunkWriter::ChunkWriter(std::span<char> memory, const Peer& reader) {
//~|   (void)memory;
//~|   (void)reader;
//~| }
ChunkWriter::ChunkWriter(std::span<char> memory, const Peer& reader)
    : control_(control_of(memory)),
      content_(memory.subspan(ShmChannel::kControlBytes)),
      reader_(reader) {}
//~ end

void ChunkWriter::begin(const Header& header) {
  //~ begin step 2: Write it down. The reader sees it after the first post.
  //~| (void)header;
  control_.header = header;
  left_ = length_ = header.length;
  has_begun_ = true;
  //~ end
}

std::span<char> ChunkWriter::room() {
  //~ begin step 2: Wait for a free slot. A reader that wants no more has released one to say so.
  //~| return {};
  if (left_ == 0 || !take_slot() || control_.is_cancelled.load()) return {};
  std::span<char> slot = slot_of(content_, slot_);
  return slot.first(std::min<std::uint64_t>(left_, slot.size()));
  //~ end
}

void ChunkWriter::publish(std::size_t bytes) {
  //~ begin step 2: Say how many bytes there are, and post.
  //~| (void)bytes;
  left_ -= bytes;
  post_slot(bytes);
  //~ end
}

void ChunkWriter::finish() {
  //~ begin step 2: Post the end mark, unless the reader knows already that it has everything. If
  //~   nothing was said at all, say kFailed.
  if (has_finished_) return;
  has_finished_ = true;
  if (!has_begun_) begin({});
  bool is_whole = left_ == 0 && length_ > 0;
  if (!is_whole && take_slot()) post_slot(0);
  //~ end
}

bool ChunkWriter::wait_until_read() {
  //~ begin step 2: Everything has been read when all slots are free.
  //~| return false;
  for (std::size_t slot = 0; slot < ShmChannel::kSlots && !reader_died_; ++slot) {
    reader_died_ = !wait(control_.free, reader_);
  }
  return !reader_died_;
  //~ end
}

//~ begin step 2: Functions of your own can stand here.
bool ChunkWriter::take_slot() {
  if (!has_slot_ && !reader_died_) {
    has_slot_ = look_for_a_moment(control_.free, patience_) || wait(control_.free, reader_);
    reader_died_ = !has_slot_;
  }
  return has_slot_;
}

// From here on the slot is the reader's. If it is the last one, so is the whole segment, and
// nothing of it may be touched any more.
void ChunkWriter::post_slot(std::size_t bytes) {
  control_.bytes[slot_] = static_cast<std::uint32_t>(bytes);
  slot_ = (slot_ + 1) % ShmChannel::kSlots;
  has_slot_ = false;
  post(control_.filled);
}
//~ end

//~ begin step 2: Keep what you were given.
//~| ChunkReader::ChunkReader(std::span<char> memory, const Peer& writer) {
//~|   (void)memory;
//~|   (void)writer;
//~| }
ChunkReader::ChunkReader(std::span<char> memory, const Peer& writer)
    : control_(control_of(memory)),
      content_(memory.subspan(ShmChannel::kControlBytes)),
      writer_(writer) {}
//~ end

std::optional<Header> ChunkReader::header() {
  //~ begin step 2: It is valid from the first post on. That was for a slot, too: keep it for
  //~   next().
  //~| return std::nullopt;
  if (!take_slot()) return std::nullopt;
  header_ = control_.header;
  left_ = header_.length;
  has_header_ = is_fresh_ = true;
  return header_;
  //~ end
}

std::span<const char> ChunkReader::next() {
  //~ begin step 2: Wait for a filled slot. There is none after `length` bytes, and none after the
  //~   end mark.
  //~| return {};
  release();
  if (left_ == 0 || is_over_) return {};
  if (!is_fresh_ && !take_slot()) return {};
  is_fresh_ = false;
  std::span<char> slot = slot_of(content_, slot_);
  std::size_t bytes = control_.bytes[slot_];
  // More than fits was never said by a ChunkWriter.
  is_over_ = bytes == 0 || bytes > std::min<std::uint64_t>(left_, slot.size());
  if (is_over_) return {};
  left_ -= bytes;
  return slot.first(bytes);
  //~ end
}

void ChunkReader::release() {
  //~ begin step 2: Only a slot that next() has returned, and only once.
  if (has_slot_ && !is_fresh_) post_slot();
  //~ end
}

bool ChunkReader::is_whole() const {
  //~ begin step 2: Whether everything has come.
  //~| return false;
  return has_header_ && left_ == 0;
  //~ end
}

void ChunkReader::finish() {
  //~ begin step 2: Say that you want no more, and then read on until the writer has seen it.
  if (has_finished_) return;
  has_finished_ = true;
  if (!has_header_ || left_ > 0) control_.is_cancelled.store(true);
  if (!has_header_ && !is_over_) static_cast<void>(header());
  while (!next().empty()) {
  }
  // A slot that next() has not returned, because there is nothing in it: it goes back as well.
  is_fresh_ = false;
  release();
  //~ end
}

//~ begin step 2: Functions of your own can stand here.
bool ChunkReader::take_slot() {
  if (is_over_) return false;
  // The first one takes longer: the writer has to be woken, and to find the content.
  has_slot_ = (has_header_ && look_for_a_moment(control_.filled, patience_)) ||
              wait(control_.filled, writer_);
  is_over_ = !has_slot_;
  return has_slot_;
}

void ChunkReader::post_slot() {
  slot_ = (slot_ + 1) % ShmChannel::kSlots;
  has_slot_ = false;
  post(control_.free);
}
//~ end

}  // namespace proxy_cache
