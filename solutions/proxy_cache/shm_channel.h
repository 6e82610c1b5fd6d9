// The chunk handshake: content of any length through one segment.
//
// A segment begins with a control block. The rest of it, the part for content, is cut into kSlots
// slots of one size. One side writes content into the slots, one after the other and round again,
// and the other one reads it. Two semaphores count, as in every bounded buffer:
//
//     free      slots that may be written     begins at kSlots; the reader posts, the writer waits
//     filled    slots that may be read        begins at 0;      the writer posts, the reader waits
//
// While the reader is busy with one slot, the writer can fill the next one. With one slot only,
// each would sleep while the other works.
//
//     writer                                      reader
//     begin(kFound, 5000)                         header()       waits for the first post
//     room()      waits for a free slot
//     publish(n)  posts `filled`         ---->    next()         waits for a filled slot
//     room() ...                         <----    release()      posts `free`
//                                                 ... until `length` bytes have come
//     finish()                                    finish()
//
// The header (what was found, and how long it is) lies in the control block, and is valid from the
// first post on. It needs no post of its own: with small files, that would be a third of all
// wake-ups. A slot of 0 bytes is the end mark: it stands for content that has no bytes, and for
// content that ends before its time. So the reader always knows whether it has everything.
//
// After a transfer the segment is used again. Therefore each side must know when the other one
// touches it no more:
//   - The writer's last act is to post the last slot: the one that makes `length` bytes whole, or
//     the end mark. A reader that has seen it may give the segment away.
//   - A reader that wants no more (its client has gone) says so in the control block, and then
//     reads and forgets what still comes, until the writer has seen it and posts the end mark.
//   - When the other one dies, its Peer says so, and it touches nothing any more.
//
// Ownership: both borrow the segment's memory and the Peer.
// Thread-safety: one thread writes and one reads, in the same process or in two.
// Errors: what ends a transfer early is no exception but a result, see there. The constructors
// throw std::invalid_argument when the memory is too small; init() throws std::system_error.
// Source: sem_overview(7), sem_init(3) (pshared), sem_clockwait(3).
#ifndef PROXY_CACHE_SHM_CHANNEL_H_
#define PROXY_CACHE_SHM_CHANNEL_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "peer.h"

namespace proxy_cache {

struct ChannelControl;  // what lies at the beginning of a segment; shm_channel.cc

//~ begin step 2: Something that both have can stand here.
// Whether it has been worth while lately to look for the other's post before going to sleep; see
// look_for_a_moment() in shm_channel.cc. Not in the first few waits: most files are small.
struct Patience {
  int skips = 4;    // so many waits are to begin without a look
  int penalty = 0;  // how many were skipped the last time
};
//~ end

class ShmChannel {
 public:
  static constexpr std::size_t kSlots = 2;
  static constexpr std::size_t kControlBytes = 256;

  // How much memory a segment needs for content of `bytes` bytes at a time.
  static constexpr std::size_t memory_for(std::size_t bytes) { return kControlBytes + bytes; }

  // How much content one slot holds, in a segment of so much memory.
  static constexpr std::size_t slot_bytes(std::size_t memory_bytes) {
    return (memory_bytes - kControlBytes) / kSlots;
  }

  // Makes the memory ready for one transfer, whatever was in it. The one who owns the segment calls
  // it each time before the other side hears of it. Begins at a multiple of 64 bytes.
  static void init(std::span<char> memory);
};

// What the writer can say about a key.
enum class Answer : std::uint32_t {
  kFound = 1,
  kNotFound,
  kFailed,  // it is there, but cannot be read
};

struct Header {
  Answer answer = Answer::kFailed;
  std::uint64_t length = 0;  // of the content; 0 unless it was found

  bool operator==(const Header&) const = default;
};

class ChunkWriter {
 public:
  // `memory`: a segment for which init() has been called.
  ChunkWriter(std::span<char> memory, const Peer& reader);
  ~ChunkWriter() { finish(); }

  ChunkWriter(const ChunkWriter&) = delete;
  ChunkWriter& operator=(const ChunkWriter&) = delete;

  // Says what will come. First of all, and once.
  void begin(const Header& header);

  // Waits for a free slot, and returns the room in it: as much as is still to come, at most. Empty
  // when nothing is still to come, or the reader wants no more, or has died.
  std::span<char> room();

  // The first `bytes` bytes of the room, 1 at least, are there for the reader.
  void publish(std::size_t bytes);

  // Lets go of the segment. If not everything has been published that was announced, the reader is
  // told that no more will come. The destructor does it, too.
  void finish();

  // After finish(): waits until the reader has released everything. False when it has died. Who
  // owns the segment must not use it for something else before.
  bool wait_until_read();

 private:
  //~ begin step 2: What the writer remembers.
  bool take_slot();
  void post_slot(std::size_t bytes);

  ChannelControl& control_;
  const std::span<char> content_;
  const Peer& reader_;
  std::uint64_t length_ = 0;  // what was announced
  std::uint64_t left_ = 0;    // what of it is still to come
  std::size_t slot_ = 0;      // the one that is written next
  bool has_slot_ = false;     // room() got it, and it is not posted yet
  bool has_begun_ = false;
  bool has_finished_ = false;
  Patience patience_;
  bool reader_died_ = false;
  //~ end
};

class ChunkReader {
 public:
  ChunkReader(std::span<char> memory, const Peer& writer);
  ~ChunkReader() { finish(); }

  ChunkReader(const ChunkReader&) = delete;
  ChunkReader& operator=(const ChunkReader&) = delete;

  // Waits for what the writer says. First of all, and once. std::nullopt: the writer has died.
  std::optional<Header> header();

  // Waits for the next chunk. Empty when there is none: everything has come (is_whole()), or the
  // writer has stopped early, or has died. The chunk lies in the segment, and stays there until
  // release().
  std::span<const char> next();

  // The writer may use the slot of the last chunk again. (finish() does it, too.)
  void release();

  // Whether as many bytes have come as were announced. When next() has returned nothing and this is
  // false, the content was cut, and must not be taken for whole.
  bool is_whole() const;

  // Waits until the writer has let go of the segment: what has not been read yet is not wanted any
  // more. The destructor does it, too.
  void finish();

 private:
  //~ begin step 2: What the reader remembers.
  bool take_slot();
  void post_slot();

  ChannelControl& control_;
  const std::span<char> content_;
  const Peer& writer_;
  Header header_;
  std::uint64_t left_ = 0;  // what has not come yet
  std::size_t slot_ = 0;    // the one that is read next
  bool has_slot_ = false;   // it is filled, and not released yet
  bool is_fresh_ = false;   // and next() has not returned it yet
  bool has_header_ = false;
  bool is_over_ = false;  // the writer has let go, or has died
  bool has_finished_ = false;
  Patience patience_;
  //~ end
};

}  // namespace proxy_cache

#endif  // PROXY_CACHE_SHM_CHANNEL_H_
