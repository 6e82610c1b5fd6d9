#include "ring_buffer.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace ring {

//~ begin step 1: Refuse a capacity of 0, and make room for all the messages now, so that nothing is
//~   allocated later while the lock is held.
//~| RingBuffer::RingBuffer(std::size_t capacity) : capacity_(capacity) {}
RingBuffer::RingBuffer(std::size_t capacity) : capacity_(capacity) {
  if (capacity == 0) throw std::invalid_argument("a ring needs a capacity of at least 1");
  slots_.resize(capacity);
}
//~ end

std::uint64_t RingBuffer::push(std::string author, std::string body) {
  //~ begin step 1: Give the message the next sequence number and put it over the oldest one.
  //~   Allocate it before you take the lock, and free the one it replaces after you have let go.
  //~| (void)author;
  //~| (void)body;
  //~| return 0;
  auto message = std::make_shared<Message>(Message{0, std::move(author), std::move(body)});
  // The number is given under the lock, so that numbers and slots are in the same order. Writing to
  // the message is still allowed: nobody else can see it yet.
  Message& unseen = *message;
  MessagePtr slot = std::move(message);
  std::uint64_t sequence = 0;
  {
    std::lock_guard lock(mutex_);
    sequence = ++last_sequence_;
    unseen.sequence = sequence;
    slots_[sequence % capacity_].swap(slot);
  }
  // `slot` holds the overwritten message now. If nobody reads it any more, it is freed here, after
  // the lock. From the lock's end on, somebody else may have overwritten ours: so the number is
  // returned from a variable of our own.
  return sequence;
  //~ end
}

std::vector<MessagePtr> RingBuffer::latest(std::size_t count) const {
  //~ begin step 1: Collect the newest `count` messages, oldest of them first. Only pointers are
  //~   copied under the lock, into a vector that has its room before the lock is taken.
  //~| (void)count;
  //~| return {};
  std::vector<MessagePtr> newest;
  newest.reserve(std::min(count, capacity_));
  {
    std::lock_guard lock(mutex_);
    // From the newest back, until there are enough or the ring or the history is at its end.
    std::uint64_t sequence = last_sequence_;
    for (std::size_t seen = 0; seen < capacity_ && sequence > 0; ++seen, --sequence) {
      if (newest.size() == count) break;
      const MessagePtr& message = slots_[sequence % capacity_];
      if (message != nullptr) newest.push_back(message);
    }
  }
  std::reverse(newest.begin(), newest.end());
  return newest;
  //~ end
}

Edit RingBuffer::update(std::uint64_t sequence, std::string_view author, std::string body) {
  //~ begin step 6: Put a new message in the old one's place; a reader may still hold the old one,
  //~   so it must not change. Allocate and free outside of the lock here, too.
  //~| (void)sequence;
  //~| (void)author;
  //~| (void)body;
  //~| return Edit::kNoSuchMessage;
  MessagePtr replacement =
      std::make_shared<Message>(Message{sequence, std::string(author), std::move(body)});
  std::lock_guard lock(mutex_);
  Edit verdict = check_edit(sequence, author);
  // After the swap the old message is in `replacement`, which was made before the lock and so is
  // destroyed after it.
  if (verdict == Edit::kDone) slots_[sequence % capacity_].swap(replacement);
  return verdict;
  //~ end
}

Edit RingBuffer::remove(std::uint64_t sequence, std::string_view author) {
  //~ begin step 6: Take the message out of its slot. Its number is not given again.
  //~| (void)sequence;
  //~| (void)author;
  //~| return Edit::kNoSuchMessage;
  MessagePtr removed;  // destroyed after the lock, as in update()
  std::lock_guard lock(mutex_);
  Edit verdict = check_edit(sequence, author);
  if (verdict == Edit::kDone) slots_[sequence % capacity_].swap(removed);
  return verdict;
  //~ end
}

//~ begin step 6: Functions of your own for this step can stand here.
Edit RingBuffer::check_edit(std::uint64_t sequence, std::string_view author) const {
  if (sequence == 0 || sequence > last_sequence_) return Edit::kNoSuchMessage;
  if (last_sequence_ - sequence >= capacity_) return Edit::kGone;
  const MessagePtr& message = slots_[sequence % capacity_];
  if (message == nullptr) return Edit::kGone;
  if (message->author != author) return Edit::kNotAuthor;
  return Edit::kDone;
}
//~ end

}  // namespace ring
