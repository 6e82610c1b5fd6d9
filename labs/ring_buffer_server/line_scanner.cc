#include "line_scanner.h"

#include <algorithm>
#include <utility>

namespace ring {

LineScanner::LineScanner(OnLine on_line, OnBody on_body)
    : on_line_(std::move(on_line)), on_body_(std::move(on_body)) {}

void LineScanner::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    if (body_left_ == 0) {
      take_line(bytes);
      continue;
    }
    std::string_view body = bytes.substr(0, std::min<std::uint64_t>(body_left_, bytes.size()));
    body_left_ -= body.size();
    bytes.remove_prefix(body.size());
    on_body_(body);
  }
}

void LineScanner::take_line(std::string_view& bytes) {
  std::size_t end = bytes.find('\n');
  partial_ += bytes.substr(0, end);
  bytes.remove_prefix(end == bytes.npos ? bytes.size() : end + 1);
  if (end == bytes.npos) return;
  if (partial_.ends_with('\r')) partial_.pop_back();
  body_left_ = on_line_(partial_);
  partial_.clear();
}

}  // namespace ring
