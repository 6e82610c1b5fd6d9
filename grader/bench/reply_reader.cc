#include "grader/bench/reply_reader.h"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace kit::bench {

[[noreturn]] void throw_unexpected(std::string_view line) {
  throw BadReply("an unexpected answer: " + std::string(line.substr(0, 80)));
}

std::size_t parse_length(std::string_view digits, std::string_view line) {
  std::size_t length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (error != std::errc() || end != digits.data() + digits.size()) throw_unexpected(line);
  return length;
}

void ReplyReader::expect(const Operation& operation) {
  operation_ = &operation;
  line_.clear();
  body_bytes_ = 0;
  replies_left_ = operation.replies;
}

bool ReplyReader::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    if (replies_left_ == 0) throw BadReply("more came than the answer to what was sent");
    if (body_left_ > 0) {
      take_body(bytes);
    } else {
      take_line(bytes);
    }
  }
  if (replies_left_ > 0) return false;
  if (body_bytes_ == operation_->body_bytes) return true;
  throw BadReply("the bodies had " + std::to_string(body_bytes_) + " bytes instead of " +
                 std::to_string(operation_->body_bytes));
}

void ReplyReader::take_body(std::string_view& bytes) {
  const std::size_t count = std::min(body_left_, bytes.size());
  body_left_ -= count;
  bytes.remove_prefix(count);
  if (body_left_ == 0) --replies_left_;
}

void ReplyReader::take_line(std::string_view& bytes) {
  const std::size_t end = bytes.find('\n');
  line_ += bytes.substr(0, end);
  bytes.remove_prefix(end == bytes.npos ? bytes.size() : end + 1);
  if (end != bytes.npos) end_line();
}

void ReplyReader::end_line() {
  body_left_ = operation_->body_after(line_);
  body_bytes_ += body_left_;
  if (body_left_ == 0) --replies_left_;
  line_.clear();
}

}  // namespace kit::bench
