#include "clients/gfclient_reply.h"

#include <charconv>
#include <system_error>

namespace gfclient {
namespace {

using State = ReplyParser::State;

constexpr gfs::Status kWithoutContent[] = {gfs::Status::kFileNotFound, gfs::Status::kError,
                                           gfs::Status::kInvalid};

constexpr std::string_view kOk = "GETFILE OK ";

}  // namespace

// Byte by byte: nothing else says where the header ends, and it is short.
State ReplyParser::feed(std::string_view& bytes) {
  while (state_ == State::kIncomplete && !bytes.empty()) {
    header_ += bytes.front();
    bytes.remove_prefix(1);
    state_ = judge();
  }
  return state_;
}

State ReplyParser::judge() {
  if (header_.size() > kMaxReplyHeader) return State::kBad;
  if (header_.starts_with(kOk)) return judge_ok(std::string_view(header_).substr(kOk.size()));
  if (kOk.starts_with(header_)) return State::kIncomplete;
  for (gfs::Status status : kWithoutContent) {
    std::string whole = gfs::format_header(wire_, status, 0);
    if (!whole.starts_with(header_)) continue;
    status_ = status;
    return header_ == whole ? State::kComplete : State::kIncomplete;
  }
  return State::kBad;
}

// `rest` is what has come of the length and what ends the header.
State ReplyParser::judge_ok(std::string_view rest) {
  std::string_view end = wire_ == gfs::Wire::kStock ? " " : "\r\n\r\n";
  std::size_t digits = rest.find_first_not_of("0123456789");
  if (digits == rest.npos) return State::kIncomplete;
  if (!end.starts_with(rest.substr(digits))) return State::kBad;
  auto [stop, error] = std::from_chars(rest.data(), rest.data() + digits, length_);
  if (error != std::errc()) return State::kBad;  // no digits, or more than 64 bits
  status_ = gfs::Status::kOk;
  return rest.substr(digits) == end ? State::kComplete : State::kIncomplete;
}

}  // namespace gfclient
