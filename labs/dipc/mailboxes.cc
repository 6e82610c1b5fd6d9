#include "mailboxes.h"

#include <charconv>
#include <cstring>
#include <span>

#include "labs/support/deadline.h"

namespace dipc {

// TODO(step 4): Make the store with room for the locks, and initialise them.
Mailboxes::Mailboxes(std::uint16_t port, std::uint64_t mailboxes, std::uint64_t mailbox_bytes,
                     std::int64_t lock_timeout_ms) {
  (void)port;
  (void)mailboxes;
  (void)mailbox_bytes;
  (void)lock_timeout_ms;
}

std::optional<Reason> Mailboxes::read(std::uint64_t mailbox, ReplyBuffer& reply) {
  // TODO(step 4): Copy the data out under the lock, and nothing else: what else there is to do,
  // such as to find memory, comes before or after.
  (void)mailbox;
  (void)reply;
  return Reason::kNoSuchMailbox;
}

std::optional<Reason> Mailboxes::write(std::uint64_t mailbox, std::string_view data) {
  // TODO(step 4): Refuse what cannot be before you wait for the lock.
  (void)mailbox;
  (void)data;
  return Reason::kNoSuchMailbox;
}

// TODO(step 4): Where a mailbox's lock is.

}  // namespace dipc
