#include "labs/support/gfserver/request_parser.h"

#include <algorithm>

namespace gfs {
namespace {

constexpr std::string_view kBeginning = "GETFILE GET /";
constexpr std::size_t kPathAt = kBeginning.size() - 1;  // the path includes the '/'

char to_upper(char c) { return 'a' <= c && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

// As unsigned: the bytes above 127 of a path in UTF-8 are not control characters.
bool is_control(char c) { return static_cast<unsigned char>(c) < 32; }

// What `tail`, which begins with a control character, says about a header that is to end by `end`.
RequestParser::State judge_tail(std::string_view tail, std::string_view end) {
  if (tail.starts_with(end)) return RequestParser::State::kComplete;
  if (end.starts_with(tail)) return RequestParser::State::kIncomplete;
  return RequestParser::State::kInvalid;
}

}  // namespace

RequestParser::State RequestParser::feed(std::string_view bytes) {
  if (state_ != State::kIncomplete) return state_;
  // Nothing beyond the limit is kept, however much comes: one byte more is enough to know.
  header_.append(bytes.substr(0, kMaxHeader + 1 - header_.size()));
  state_ = judge();
  return state_;
}

// The path goes up to the first control character, which can only be the beginning of the header's
// end. So each byte is looked at once, however small the pieces are.
RequestParser::State RequestParser::judge() {
  if (!begins_well()) return State::kInvalid;
  auto at = std::find_if(header_.begin() + static_cast<std::ptrdiff_t>(scanned_), header_.end(),
                         is_control);
  scanned_ = static_cast<std::size_t>(at - header_.begin());
  std::string_view tail = std::string_view(header_).substr(scanned_);

  std::string_view end = "\r\n\r\n";
  if (wire_ == Wire::kStock) end = tail.starts_with('\r') ? "\r\n" : "\n";
  State state = tail.empty() ? State::kIncomplete : judge_tail(tail, end);
  std::size_t size = scanned_ + (state == State::kComplete ? end.size() : tail.size());
  if (size > kMaxHeader) return State::kInvalid;
  if (state == State::kComplete) {
    path_ = header_.substr(kPathAt, scanned_ - kPathAt);
    while (wire_ == Wire::kStock && path_.ends_with(' ')) path_.pop_back();
  }
  return state;
}

// Whether what has come is, or may become, a header with the right words in front.
bool RequestParser::begins_well() const {
  std::size_t size = std::min(header_.size(), kBeginning.size());
  bool any_case = wire_ == Wire::kStock;
  return std::equal(
      kBeginning.begin(), kBeginning.begin() + static_cast<std::ptrdiff_t>(size), header_.begin(),
      [any_case](char want, char got) { return want == (any_case ? to_upper(got) : got); });
}

}  // namespace gfs
