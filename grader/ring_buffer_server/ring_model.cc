#include "grader/ring_buffer_server/ring_model.h"

#include <algorithm>
#include <stdexcept>

namespace kit::ring_lab {
namespace {

std::string join(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : " | ") + part;
  return out.empty() ? "(none)" : out;
}

}  // namespace

bool RingModel::apply(const Operation& operation) {
  const std::string result = result_of(operation.call, operation.args);
  return !operation.completed || result == operation.result;
}

std::string RingModel::result_of(const std::string& call, const std::vector<std::string>& args) {
  if (call == "push") {
    messages_.push_back({args[0], args[1]});
    return std::to_string(messages_.size());
  }
  if (call == "latest") return latest(std::stoull(args[0]));
  if (call == "update") return edit(std::stoull(args[0]), args[1], &args[2]);
  if (call == "remove") return edit(std::stoull(args[0]), args[1], nullptr);
  throw std::logic_error("the model has no call " + call);
}

std::string RingModel::latest(std::uint64_t count) const {
  const std::uint64_t last = messages_.size();
  const std::uint64_t first = last - std::min(last, capacity_) + 1;
  std::vector<std::string> newest;
  for (std::uint64_t sequence = last; sequence >= first && newest.size() < count; --sequence) {
    const Message& message = messages_[sequence - 1];
    if (message.is_removed) continue;
    newest.push_back(std::to_string(sequence) + ' ' + message.author + ' ' + message.body);
  }
  std::reverse(newest.begin(), newest.end());
  return join(newest);
}

std::string RingModel::edit(std::uint64_t sequence, const std::string& author,
                            const std::string* body) {
  if (sequence == 0 || sequence > messages_.size()) return "no-such-message";
  Message& message = messages_[sequence - 1];
  if (messages_.size() - sequence >= capacity_ || message.is_removed) return "gone";
  if (message.author != author) return "not-author";
  if (body != nullptr) {
    message.body = *body;
  } else {
    message.is_removed = true;
  }
  return "done";
}

std::string RingModel::fingerprint() const {
  return std::to_string(messages_.size()) + " stored, in the ring: " + latest(capacity_);
}

}  // namespace kit::ring_lab
