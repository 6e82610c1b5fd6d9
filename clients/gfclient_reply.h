// ReplyParser: takes the header off a GETFILE reply that arrives in pieces of any size.
//
// What is a header is strict, in either dialect (labs/support/gfserver/wire.h): a client that
// guesses takes a header for content, and has a broken file without a word of warning.
//
// Ownership: keeps a copy of the header's bytes, kMaxReplyHeader of them at most.
// Thread-safety: none. Errors: State::kBad.
#ifndef CLIENTS_GFCLIENT_REPLY_H_
#define CLIENTS_GFCLIENT_REPLY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "labs/support/gfserver/wire.h"

namespace gfclient {

// "GETFILE FILE_NOT_FOUND\r\n\r\n" has 26 bytes, and an OK with the largest length 34.
inline constexpr std::size_t kMaxReplyHeader = 64;

class ReplyParser {
 public:
  enum class State { kIncomplete, kComplete, kBad };

  explicit ReplyParser(gfs::Wire wire) : wire_(wire) {}

  // Takes the next bytes of the reply. Those that belong to the header are taken off the front;
  // what is left is content. Call it only while the state is kIncomplete.
  State feed(std::string_view& bytes);

  State state() const { return state_; }

  // Once it is complete: what the server says, and for kOk how many bytes of content follow.
  gfs::Status status() const { return status_; }
  std::uint64_t length() const { return length_; }

 private:
  State judge();
  State judge_ok(std::string_view length);

  const gfs::Wire wire_;
  State state_ = State::kIncomplete;
  std::string header_;
  gfs::Status status_ = gfs::Status::kError;
  std::uint64_t length_ = 0;
};

}  // namespace gfclient

#endif  // CLIENTS_GFCLIENT_REPLY_H_
