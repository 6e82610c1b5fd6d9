#include "mailboxes.h"

#include <charconv>
#include <cstring>
#include <span>

#include "labs/support/deadline.h"

namespace dipc {

//~ begin step 4: Make the store with room for the locks, and initialise them.
//~| Mailboxes::Mailboxes(std::uint16_t port, std::uint64_t mailboxes, std::uint64_t mailbox_bytes,
//~|                      std::int64_t lock_timeout_ms) {
//~|   (void)port;
//~|   (void)mailboxes;
//~|   (void)mailbox_bytes;
//~|   (void)lock_timeout_ms;
//~| }
namespace {

using support::Deadline;

constexpr std::size_t kMaxStatusBytes = 32;  // "ok ", twenty digits, a newline

// Writes the status line of a read, and returns how long it is.
std::size_t put_status(std::span<char> room, std::size_t length) {
  std::memcpy(room.data(), "ok ", 3);
  char* end = std::to_chars(room.data() + 3, room.data() + kMaxStatusBytes, length).ptr;
  *end++ = '\n';
  return static_cast<std::size_t>(end - room.data());
}

}  // namespace

Mailboxes::Mailboxes(std::uint16_t port, std::uint64_t mailboxes, std::uint64_t mailbox_bytes,
                     std::int64_t lock_timeout_ms)
    : lock_timeout_ms_(lock_timeout_ms),
      store_(MailboxStore::create(
          port, {mailboxes, mailbox_bytes, FairLock::kLockBytes, FairLock::kPlacesBytes})) {
  FairLock::init_places(store_.common_memory());
  for (std::uint64_t mailbox = 0; mailbox < mailboxes; ++mailbox) {
    FairLock::init_lock(store_.lock_memory(mailbox));
  }
}
//~ end

std::optional<Reason> Mailboxes::read(std::uint64_t mailbox, ReplyBuffer& reply) {
  //~ begin step 4: Copy the data out under the lock, and nothing else: what else there is to do,
  //~   such as to find memory, comes before or after.
  //~| (void)mailbox;
  //~| (void)reply;
  //~| return Reason::kNoSuchMailbox;
  if (mailbox >= store_.mailboxes()) return Reason::kNoSuchMailbox;
  std::span<char> room = reply.room(kMaxStatusBytes + store_.mailbox_bytes());
  FairLock::Hold hold = lock_of(mailbox).lock_shared(Deadline::after_ms(lock_timeout_ms_));
  if (!hold) return Reason::kTimeout;
  // The status line needs the length, which only stays what it is while we have the lock.
  std::size_t status_bytes = put_status(room, store_.length(mailbox));
  std::size_t data_bytes = store_.read(mailbox, room.subspan(status_bytes));
  hold.release();
  reply.added(status_bytes + data_bytes);
  return std::nullopt;
  //~ end
}

std::optional<Reason> Mailboxes::write(std::uint64_t mailbox, std::string_view data) {
  //~ begin step 4: Refuse what cannot be before you wait for the lock.
  //~| (void)mailbox;
  //~| (void)data;
  //~| return Reason::kNoSuchMailbox;
  if (mailbox >= store_.mailboxes()) return Reason::kNoSuchMailbox;
  if (data.size() > store_.mailbox_bytes()) return Reason::kTooBig;
  FairLock::Hold hold = lock_of(mailbox).lock_exclusive(Deadline::after_ms(lock_timeout_ms_));
  if (!hold) return Reason::kTimeout;
  store_.write(mailbox, data);
  return std::nullopt;
  //~ end
}

//~ begin step 4: Where a mailbox's lock is.
FairLock Mailboxes::lock_of(std::uint64_t mailbox) const {
  return FairLock(store_.lock_memory(mailbox), store_.common_memory());
}
//~ end

}  // namespace dipc
