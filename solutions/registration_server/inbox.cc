#include "inbox.h"

#include <utility>

namespace registration {

bool Inbox::put(Message message) {
  //~ begin step 5: To look whether there is room, and to use it, is one step.
  //~| (void)message;
  //~| return false;
  std::lock_guard lock(mutex_);
  if (messages_.size() >= wire::kInboxMessages) return false;
  messages_.push_back(std::move(message));
  return true;
  //~ end
}

std::optional<Message> Inbox::take() {
  //~ begin step 5: The oldest one.
  //~| return std::nullopt;
  std::lock_guard lock(mutex_);
  if (messages_.empty()) return std::nullopt;
  Message message = std::move(messages_.front());
  messages_.pop_front();
  return message;
  //~ end
}

std::size_t Inbox::size() const {
  //~ begin step 5: How many.
  //~| return 0;
  std::lock_guard lock(mutex_);
  return messages_.size();
  //~ end
}

}  // namespace registration
