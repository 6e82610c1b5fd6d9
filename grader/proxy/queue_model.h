// What a bounded queue should do, in the simplest way there is: the model against which histories
// of the student's queue are judged. Somebody else may close it at any time.
#ifndef GRADER_PROXY_QUEUE_MODEL_H_
#define GRADER_PROXY_QUEUE_MODEL_H_

#include <cstddef>
#include <deque>
#include <string>

#include "grader/harness/history.h"

namespace kit::proxy_lab {

class QueueModel {
 public:
  explicit QueueModel(std::size_t capacity) : capacity_(capacity) {}

  // Carries the call out; false when it cannot return now what it did.
  bool apply(const Operation& operation) {
    if (operation.call == "push")
      return push(operation.args.at(0), operation.completed ? operation.result : "in");
    if (operation.call == "pop") return pop(operation.completed ? operation.result : "end");
    is_closed_ = true;
    return true;
  }

  // The items that are in it, and whether it is known to be closed.
  std::string fingerprint() const {
    std::string text = is_closed_ ? "closed:" : "";
    for (const std::string& item : items_) text += ' ' + item;
    return text.empty() ? "(empty)" : text;
  }

 private:
  bool push(const std::string& item, const std::string& result) {
    if (result == "closed") return is_closed_ = true;
    if (result != "in" || is_closed_ || items_.size() >= capacity_) return false;
    items_.push_back(item);
    return true;
  }

  bool pop(const std::string& result) {
    if (result == "end") return items_.empty() && (is_closed_ = true);
    if (items_.empty() || items_.front() != result) return false;
    items_.pop_front();
    return true;
  }

  std::size_t capacity_;
  std::deque<std::string> items_;
  bool is_closed_ = false;
};

}  // namespace kit::proxy_lab

#endif  // GRADER_PROXY_QUEUE_MODEL_H_
