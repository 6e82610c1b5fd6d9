// The ring: a bounded store of the newest messages, shared by every connection's thread.
//
// The ring keeps the newest `capacity` messages and forgets the oldest when a new one comes. Each
// message gets the next sequence number, 1, 2, 3 and so on, over all authors, with no gap and none
// given twice.
//
// Messages never change once they can be seen. A reader takes shared ownership of those it asked
// for and reads them after the lock is released, so a message is never seen half-written, and a
// connection that sends slowly holds no lock. An update puts a new message in the old one's place;
// who still holds the old one keeps reading the old one.
//
// Thread-safety: every member function may be called from any thread at any time. Nothing is
// allocated or freed while the lock is held: an allocator may be slow, and everybody waits for it.
// Errors: the constructor throws std::invalid_argument for a capacity of 0; the others throw only
// std::bad_alloc, and then leave the ring as it was.
#ifndef RING_BUFFER_SERVER_RING_BUFFER_H_
#define RING_BUFFER_SERVER_RING_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace ring {

struct Message {
  std::uint64_t sequence = 0;  // starts at 1
  std::string author;
  std::string body;  // any bytes
};

using MessagePtr = std::shared_ptr<const Message>;

// What became of an update or a removal.
enum class Edit {
  kDone,
  kGone,           // it was in the ring once: overwritten since, or removed
  kNoSuchMessage,  // no message was ever given this number
  kNotAuthor,      // it is in the ring, and somebody else's
};

class RingBuffer {
 public:
  explicit RingBuffer(std::size_t capacity);

  RingBuffer(const RingBuffer&) = delete;
  RingBuffer& operator=(const RingBuffer&) = delete;

  // Stores a message, over the oldest one if the ring is full, and returns its sequence number.
  std::uint64_t push(std::string author, std::string body);

  // The newest `count` messages, oldest of them first; fewer when the ring holds fewer. Removed
  // messages are passed over, so they do not make the answer shorter while older ones are there.
  std::vector<MessagePtr> latest(std::size_t count) const;

  // Replaces the body of message `sequence`, which must be `author`'s own. (Step 6.)
  Edit update(std::uint64_t sequence, std::string_view author, std::string body);

  // Removes message `sequence`, which must be `author`'s own. Its place stays empty until its turn
  // comes to be overwritten: no other message stays longer for it. (Step 6.)
  Edit remove(std::uint64_t sequence, std::string_view author);

  std::size_t capacity() const { return capacity_; }

 private:
  const std::size_t capacity_;
  // TODO(step 1): What the ring holds, and the mutex that guards it. Say beside each member which
  // mutex guards it, or that it never changes.

  // TODO(step 6): What update() and remove() have in common belongs here, if you find something.
};

}  // namespace ring

#endif  // RING_BUFFER_SERVER_RING_BUFFER_H_
