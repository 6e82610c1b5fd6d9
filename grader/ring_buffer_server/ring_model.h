// What a ring buffer should do, in the simplest way there is: the model against which histories of
// the student's ring are judged. It keeps every message that was ever stored.
#ifndef GRADER_RING_BUFFER_SERVER_RING_MODEL_H_
#define GRADER_RING_BUFFER_SERVER_RING_MODEL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "grader/harness/history.h"

namespace kit::ring_lab {

class RingModel {
 public:
  explicit RingModel(std::uint64_t capacity) : capacity_(capacity) {}

  // Carries the call out; false when it cannot return what it did.
  bool apply(const Operation& operation);

  // What the call should return; the model is changed by it.
  std::string result_of(const std::string& call, const std::vector<std::string>& args);

  // The messages that are still there, which is all that a later call can see.
  std::string fingerprint() const;

 private:
  struct Message {
    std::string author;
    std::string body;
    bool is_removed = false;
  };

  std::string latest(std::uint64_t count) const;
  std::string edit(std::uint64_t sequence, const std::string& author, const std::string* body);

  std::uint64_t capacity_;
  std::vector<Message> messages_;  // message n is at n - 1
};

}  // namespace kit::ring_lab

#endif  // GRADER_RING_BUFFER_SERVER_RING_MODEL_H_
