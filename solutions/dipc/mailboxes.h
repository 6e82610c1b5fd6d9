// Mailboxes: the store and its locks together, as the connections use them.
//
// A lock is held while bytes are copied between shared memory and memory of the connection's own,
// and not a moment longer: never while anything is sent to a client or awaited from one. A client
// that reads slowly keeps nobody waiting but itself.
//
// Ownership: owns the store; removes the shared-memory object when it is destroyed.
// Thread-safety: read() and write() may be called from any thread at any time.
// Errors: the constructor throws what MailboxStore::create() throws. A request that cannot be
// carried out is no error here: it has a reason, which the client is told.
#ifndef DIPC_MAILBOXES_H_
#define DIPC_MAILBOXES_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "datagram.h"
#include "fair_lock.h"
#include "mailbox_store.h"
#include "reply_buffer.h"

namespace dipc {

class Mailboxes {
 public:
  // Makes the store of `port`.
  Mailboxes(std::uint16_t port, std::uint64_t mailboxes, std::uint64_t mailbox_bytes,
            std::int64_t lock_timeout_ms);

  // Adds the answer to a read, status line and data, to `reply`. When there is a reason why not, it
  // is returned, and nothing is added.
  std::optional<Reason> read(std::uint64_t mailbox, ReplyBuffer& reply);

  // Replaces what the mailbox holds, or returns the reason why not.
  std::optional<Reason> write(std::uint64_t mailbox, std::string_view data);

 private:
  //~ begin step 4: What belongs to a mailbox besides its data.
  FairLock lock_of(std::uint64_t mailbox) const;

  const std::int64_t lock_timeout_ms_;
  MailboxStore store_;
  //~ end
};

}  // namespace dipc

#endif  // DIPC_MAILBOXES_H_
