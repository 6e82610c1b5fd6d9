// What a segment pool should do, in the simplest way there is: the model against which histories of
// the student's pool are judged. In which order segments are handed out is not its affair.
#ifndef GRADER_PROXY_CACHE_POOL_MODEL_H_
#define GRADER_PROXY_CACHE_POOL_MODEL_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "grader/harness/history.h"

namespace kit::proxy_cache_lab {

class PoolModel {
 public:
  // `may_be_closed`: somebody closes it at a time that nobody knows.
  explicit PoolModel(std::size_t segments, bool may_be_closed = false)
      : has_owner_(segments), may_be_closed_(may_be_closed) {}

  // Carries the call out; false when it cannot return now what it did.
  bool apply(const Operation& operation) {
    if (!operation.completed) return true;
    const std::string name = operation.call.substr(operation.call.find('.') + 1);
    if (name == "take" || name == "wait") return take(operation, name == "wait");
    if (name == "give") return give(operation.thread);
    if (name == "end") end(operation.thread);
    if (name == "close") is_closed_ = true;
    return true;
  }

  std::string fingerprint() const {
    std::string text;
    for (const bool is_taken : has_owner_) text += is_taken ? 'x' : '.';
    for (const auto& [thread, held] : held_) {
      text += " " + std::to_string(thread) + ":";
      for (const std::size_t segment : held) text += " " + std::to_string(segment);
    }
    return text + (is_closed_ ? ", closed" : "");
  }

 private:
  // Who says "none" says it because nothing is free, because the pool is closed, or because its
  // deadline came. Which of them, the checks with known answers look at.
  bool take(const Operation& operation, bool waits_for_ever) {
    if (operation.result == "none") return is_closed_ || may_be_closed_ || !waits_for_ever;
    const std::string prefix = "segment ";
    if (is_closed_ || operation.result.rfind(prefix, 0) != 0) return false;
    const std::size_t segment = std::stoul(operation.result.substr(prefix.size()));
    if (segment >= has_owner_.size() || has_owner_[segment]) return false;
    has_owner_[segment] = true;
    held_[operation.thread].push_back(segment);
    return true;
  }

  bool give(int thread) {
    std::vector<std::size_t>& held = held_[thread];
    if (held.empty()) return true;
    has_owner_[held.front()] = false;
    held.erase(held.begin());
    return true;
  }

  void end(int thread) {
    for (const std::size_t segment : held_[thread]) has_owner_[segment] = false;
    held_.erase(thread);
  }

  std::vector<bool> has_owner_;
  std::map<int, std::vector<std::size_t>> held_;  // by thread, the oldest first
  bool may_be_closed_;
  bool is_closed_ = false;
};

}  // namespace kit::proxy_cache_lab

#endif  // GRADER_PROXY_CACHE_POOL_MODEL_H_
