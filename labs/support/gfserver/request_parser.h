// RequestParser: finds the path in a request that arrives in pieces of any size.
//
// TCP carries a stream of bytes and knows nothing of messages. A request that was sent with one
// call may arrive in four reads, and one that was sent with four calls in a single read. So the
// parser is fed what comes, and says each time whether that was all of it.
//
//     RequestParser parser(Wire::kDocumented);
//     while (parser.feed(receive()) == RequestParser::State::kIncomplete) {
//     }
//     if (parser.state() == RequestParser::State::kComplete) serve(parser.path());
//
// What is a request: `GETFILE GET <path>`, one space between the words. The path is all that is
// left of the line. It begins with '/' and holds no control characters (bytes below 32); spaces and
// bytes above 126 are allowed. The documented dialect ends it by "\r\n\r\n". The stock dialect ends
// it by a newline, with or without a '\r' before it, takes the two words in either case, and does
// not count spaces at the end as part of the path.
//
// What comes behind a request is ignored: a connection carries one.
//
// Ownership: keeps a copy of the bytes, kMaxHeader of them at most.
// Thread-safety: none.
// Errors: none; what is no request is State::kInvalid, as soon as that is certain.
#ifndef LABS_SUPPORT_GFSERVER_REQUEST_PARSER_H_
#define LABS_SUPPORT_GFSERVER_REQUEST_PARSER_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "labs/support/gfserver/wire.h"

namespace gfs {

class RequestParser {
 public:
  enum class State { kIncomplete, kComplete, kInvalid };

  explicit RequestParser(Wire wire) : wire_(wire) {}

  // Takes the next bytes. Once the state is not kIncomplete, further bytes change nothing.
  State feed(std::string_view bytes);

  State state() const { return state_; }

  // The path, when the state is kComplete; empty before.
  const std::string& path() const { return path_; }

 private:
  State judge();
  bool begins_well() const;

  const Wire wire_;
  State state_ = State::kIncomplete;
  std::string header_;       // all that has come so far
  std::size_t scanned_ = 0;  // so many bytes of it are known to hold no control character
  std::string path_;
};

}  // namespace gfs

#endif  // LABS_SUPPORT_GFSERVER_REQUEST_PARSER_H_
