#include "protocol.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace ring {

// TODO(step 2): Functions of your own for this step can stand here.

// TODO(step 2): The parser begins at the start of a line.
Parser::Parser(std::size_t max_message) { (void)max_message; }

void Parser::feed(std::string_view bytes) {
  // TODO(step 2): Bytes of an awaited body go to the body, bytes that are to be skipped are
  // dropped, and the rest is kept until next() asks for it.
  (void)bytes;
}

std::optional<std::string> Parser::next_line() {
  // TODO(step 2): The front line without its end, if all of it is there and it is not too long.
  return std::nullopt;
}

bool Parser::line_too_long() const {
  // TODO(step 2): Can be known before the end of the line has come.
  return false;
}

std::optional<Command> Parser::next() {
  // TODO(step 2): One command, if all of it is there: a line, and for SETB also the body after it.
  return std::nullopt;
}

bool Parser::broken() const {
  // TODO(step 2): Whether a skip turned out too long.
  return false;
}

std::span<char> Parser::body_space() {
  // TODO(step 2): A shortcut for speed; it may stay empty until all else works.
  return {};
}

void Parser::body_received(std::size_t count) {
  // TODO(step 2): Counts what was received into body_space().
  (void)count;
}

// TODO(step 2): The parser's private functions.

std::string format_ok(std::uint64_t sequence) {
  // TODO(step 2): See the header.
  (void)sequence;
  return {};
}

std::string format_error(std::string_view reason) {
  // TODO(step 2): See the header.
  (void)reason;
  return {};
}

std::string format_message_header(const Message& message) {
  // TODO(step 2): See the header.
  (void)message;
  return {};
}

std::string format_newest(const std::vector<MessagePtr>& newest) {
  // TODO(step 2): See the header.
  (void)newest;
  return {};
}

std::string format_list(const std::vector<MessagePtr>& messages) {
  // TODO(step 2): See the header.
  (void)messages;
  return {};
}

}  // namespace ring
