#include "connection.h"

#include <exception>
#include <optional>
#include <span>
#include <variant>

#include "labs/support/deadline.h"

namespace dipc {

// TODO(step 4): Keep what you were given. Functions of your own can stand here, too.
Connection::Connection(support::Stream& stream, Mailboxes& mailboxes,
                       const ConnectionOptions& options) {
  (void)stream;
  (void)mailboxes;
  (void)options;
}

void Connection::run() noexcept {
  // TODO(step 4): Request after request until one side ends it. An exception means that the client
  // has gone; it must not leave this function, or it ends the whole server.
}

void Connection::stop() noexcept {
  // TODO(step 4): Wake the connection's thread if it waits for the client, and let it finish what
  // it does if not: a reply that is cut off in the middle is worse than none.
}

// TODO(step 4): The parts of the conversation.

}  // namespace dipc
