#include "protocol.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace ring {

//~ begin step 2: Functions of your own for this step can stand here.
namespace {

constexpr char kBadArgument[] = "bad-argument";
constexpr char kTooLong[] = "too-long";

// What a line may have beside a text of max_message bytes: a word, a number, two spaces.
constexpr std::size_t kLineOverhead = 64;

// A word, and what stands after the one space behind it: nothing when there is no space.
struct Words {
  std::string_view first;
  std::optional<std::string_view> rest;
};

Words split(std::string_view line) {
  std::size_t space = line.find(' ');
  if (space == line.npos) return {line, std::nullopt};
  return {line.substr(0, space), line.substr(space + 1)};
}

// A number of at least 1. One that does not fit into 64 bits becomes the largest that does: it is
// more than there is of anything here.
std::optional<std::uint64_t> parse_number(std::optional<std::string_view> digits) {
  if (!digits) return std::nullopt;
  std::uint64_t number = 0;
  const char* end = digits->data() + digits->size();
  auto [stop, error] = std::from_chars(digits->data(), end, number);
  if (error == std::errc::result_out_of_range) number = std::numeric_limits<std::uint64_t>::max();
  if (error == std::errc::invalid_argument || stop != end || number == 0) return std::nullopt;
  return number;
}

Command parse_update(std::optional<std::string_view> argument) {
  Words words = split(argument.value_or(""));
  std::optional<std::uint64_t> sequence = parse_number(words.first);
  if (!sequence || !words.rest) return Bad{kBadArgument};
  return Update{*sequence, std::string(*words.rest)};
}

Command parse_get(std::optional<std::string_view> argument) {
  if (!argument) return Get{};
  std::optional<std::uint64_t> count = parse_number(argument);
  if (!count) return Bad{kBadArgument};
  return Get{count};
}

Command parse_delete(std::optional<std::string_view> argument) {
  std::optional<std::uint64_t> sequence = parse_number(argument);
  if (!sequence) return Bad{kBadArgument};
  return Delete{*sequence};
}

// Every command that is one line.
Command parse_command(const Words& words) {
  if (words.first == "GET") return parse_get(words.rest);
  if (words.first == "UPDATE") return parse_update(words.rest);
  if (words.first == "DELETE") return parse_delete(words.rest);
  if (words.first == "QUIT" && !words.rest) return Quit{};
  if (words.first != "SET") return Bad{"unknown-command"};
  if (!words.rest) return Bad{kBadArgument};
  return Set{std::string(*words.rest)};
}

}  // namespace
//~ end

//~ begin step 2: The parser begins at the start of a line.
//~| Parser::Parser(std::size_t max_message) { (void)max_message; }
Parser::Parser(std::size_t max_message) : max_message_(max_message) {}
//~ end

void Parser::feed(std::string_view bytes) {
  //~ begin step 2: Bytes of an awaited body go to the body, bytes that are to be skipped are
  //~   dropped, and the rest is kept until next() asks for it.
  //~| (void)bytes;
  take_what_is_awaited(bytes);
  if (bytes.empty() || state_ == State::kBroken) return;
  // Drop the used bytes only once they are the greater part: doing it each time would move the
  // rest again and again.
  if (position_ > buffer_.size() / 2) {
    buffer_.erase(0, position_);
    scanned_ -= std::exchange(position_, 0);
  }
  buffer_.append(bytes);
  //~ end
}

std::optional<std::string> Parser::next_line() {
  //~ begin step 2: The front line without its end, if all of it is there and it is not too long.
  //~| return std::nullopt;
  Front next = front();
  if (state_ != State::kLine || !next.complete || line_too_long()) return std::nullopt;
  std::string line(next.line);
  use(next.size);
  return line;
  //~ end
}

bool Parser::line_too_long() const {
  //~ begin step 2: Can be known before the end of the line has come.
  //~| return false;
  std::string_view line = front().line;
  return state_ == State::kLine && line.size() > longest_line(line);
  //~ end
}

std::optional<Command> Parser::next() {
  //~ begin step 2: One command, if all of it is there: a line, and for SETB also the body after it.
  //~| return std::nullopt;
  if (state_ == State::kBody) return take_body();
  if (state_ != State::kLine) return std::nullopt;
  Front next = front();
  if (next.line.size() > longest_line(next.line)) return begin_skip(State::kSkipLine, kMaxSkip);
  if (!next.complete) {
    scanned_ = buffer_.size();  // the next call need not look at these bytes again
    return std::nullopt;
  }
  Words words = split(next.line);
  if (words.first == "SETB") {
    std::optional<std::uint64_t> length = parse_number(words.rest);
    use(next.size);
    return begin_body(length);
  }
  Command command = parse_command(words);
  use(next.size);  // last: the words were views into these bytes
  return command;
  //~ end
}

bool Parser::broken() const {
  //~ begin step 2: Whether a skip turned out too long.
  //~| return false;
  return state_ == State::kBroken;
  //~ end
}

std::span<char> Parser::body_space() {
  //~ begin step 2: A shortcut for speed; it may stay empty until all else works.
  //~| return {};
  if (state_ != State::kBody) return {};
  return std::span(body_).subspan(filled_);
  //~ end
}

void Parser::body_received(std::size_t count) {
  //~ begin step 2: Counts what was received into body_space().
  //~| (void)count;
  filled_ += count;
  //~ end
}

//~ begin step 2: The parser's private functions.
Parser::Front Parser::front() const {
  std::size_t end = buffer_.find('\n', scanned_);
  bool complete = end != buffer_.npos;
  std::string_view line(buffer_);
  line = line.substr(position_, complete ? end - position_ : line.npos);
  std::size_t size = line.size() + (complete ? 1 : 0);
  // Of a line that is not complete, a '\r' at the end may still turn out to be text. It is counted
  // when the byte after it has come.
  if (line.ends_with('\r')) line.remove_suffix(1);
  return {line, complete, size};
}

// How long a line that begins like this may become. It must not depend on how much of the line has
// come, or the same bytes would be judged differently when they are split differently.
std::size_t Parser::longest_line(std::string_view line) const {
  std::size_t longest = max_message_ + kLineOverhead;
  std::size_t before_text = 0;
  if (line.starts_with("SET ")) before_text = 4;
  if (line.starts_with("UPDATE ")) before_text = line.find(' ', 7) + 1;  // npos + 1 is 0
  return before_text == 0 ? longest : std::min(longest, before_text + max_message_);
}

std::optional<Command> Parser::begin_body(std::optional<std::uint64_t> length) {
  if (!length) return Bad{kBadArgument};
  if (*length > max_message_) return begin_skip(State::kSkipBody, *length);
  state_ = State::kBody;
  body_.resize(*length);
  filled_ = 0;
  take_from_buffer();
  return take_body();
}

std::optional<Command> Parser::take_body() {
  if (filled_ < body_.size()) return std::nullopt;
  state_ = State::kLine;
  return Set{std::exchange(body_, std::string())};
}

// Begins to skip, and skips what is there already. An announced length beyond kMaxSkip is not
// waited for at all.
Command Parser::begin_skip(State state, std::uint64_t length) {
  state_ = length > kMaxSkip ? State::kBroken : state;
  skip_left_ = length;
  take_from_buffer();
  return Bad{kTooLong};
}

void Parser::take_from_buffer() {
  std::string_view bytes = std::string_view(buffer_).substr(position_);
  std::size_t before = bytes.size();
  take_what_is_awaited(bytes);
  use(before - bytes.size());
}

// Takes from the front of `bytes` what belongs to a body or a skip that has begun.
void Parser::take_what_is_awaited(std::string_view& bytes) {
  if (state_ == State::kBody) fill_body(bytes);
  if (state_ == State::kSkipLine) skip_line(bytes);
  if (state_ == State::kSkipBody) skip_body(bytes);
}

void Parser::fill_body(std::string_view& bytes) {
  std::size_t count = bytes.copy(body_.data() + filled_, body_.size() - filled_);
  filled_ += count;
  bytes.remove_prefix(count);
}

void Parser::skip_line(std::string_view& bytes) {
  std::size_t end = bytes.find('\n');
  std::size_t count = std::min(end, bytes.size());
  if (count > skip_left_) {
    state_ = State::kBroken;
    return;
  }
  skip_left_ -= count;
  bytes.remove_prefix(count);
  if (end == bytes.npos) return;
  bytes.remove_prefix(1);
  state_ = State::kLine;
}

void Parser::skip_body(std::string_view& bytes) {
  std::size_t count = std::min<std::uint64_t>(skip_left_, bytes.size());
  skip_left_ -= count;
  bytes.remove_prefix(count);
  if (skip_left_ == 0) state_ = State::kLine;
}

// Marks the next bytes of the buffer as used.
void Parser::use(std::size_t count) {
  position_ += count;
  if (position_ == buffer_.size()) {
    buffer_.clear();  // keeps its memory for the next bytes
    position_ = 0;
  }
  scanned_ = position_;
}
//~ end

std::string format_ok(std::uint64_t sequence) {
  //~ begin step 2: See the header.
  //~| (void)sequence;
  //~| return {};
  return "OK " + std::to_string(sequence) + "\n";
  //~ end
}

std::string format_error(std::string_view reason) {
  //~ begin step 2: See the header.
  //~| (void)reason;
  //~| return {};
  return "ERR " + std::string(reason) + "\n";
  //~ end
}

std::string format_message_header(const Message& message) {
  //~ begin step 2: See the header.
  //~| (void)message;
  //~| return {};
  return "MSG " + std::to_string(message.sequence) + " " + message.author + " " +
         std::to_string(message.body.size()) + "\n";
  //~ end
}

std::string format_newest(const std::vector<MessagePtr>& newest) {
  //~ begin step 2: See the header.
  //~| (void)newest;
  //~| return {};
  if (newest.empty()) return "EMPTY\n";
  const Message& message = *newest.back();
  return format_message_header(message) + message.body + "\n";
  //~ end
}

std::string format_list(const std::vector<MessagePtr>& messages) {
  //~ begin step 2: See the header.
  //~| (void)messages;
  //~| return {};
  std::string list = "LIST " + std::to_string(messages.size()) + "\n";
  for (const MessagePtr& message : messages) {
    list += format_message_header(*message) + message->body + "\n";
  }
  return list;
  //~ end
}

}  // namespace ring
