// Inbox: the messages that wait for one client.
//
// It lies in the server's own memory, where no client can reach it. It holds 64 messages. Nobody
// ever waits for it: the worker of a client that sends must not be stopped by one that does not
// read. Full is an answer, and so is empty.
//
// Thread-safety: any thread may call anything. An inbox has a lock of its own, no thread holds two
// of them, and nothing is called while one is held. So A may send to B while B sends to A.
// Errors: none, but for want of memory.
#ifndef REGISTRATION_INBOX_H_
#define REGISTRATION_INBOX_H_

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include "wire.h"

namespace registration {

struct Message {
  wire::Key from = wire::kNoKey;
  std::string from_name;
  std::string text;
};

class Inbox {
 public:
  // False when it is full; the message is dropped then.
  [[nodiscard]] bool put(Message message);

  // The oldest message, which is in the inbox no more.
  std::optional<Message> take();

  std::size_t size() const;

 private:
  //~ begin step 5: The messages, and what guards them.
  mutable std::mutex mutex_;
  std::deque<Message> messages_;
  //~ end
};

}  // namespace registration

#endif  // REGISTRATION_INBOX_H_
