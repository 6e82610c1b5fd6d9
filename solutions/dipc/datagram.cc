#include "datagram.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace dipc {

//~ begin step 3: Functions of your own can stand here.
//~| DatagramParser::DatagramParser(std::size_t packet_bytes) { (void)packet_bytes; }
namespace {

constexpr std::size_t kFirstCapacity = 16 * 1024;
constexpr std::size_t kLeastRoom = 4 * 1024;  // less than this is not worth a call of recv()

// A first line that is a command.
struct Line {
  char command;  // 'r', 'w' or 'q'
  std::uint64_t mailbox = 0;
  std::optional<std::uint64_t> length;  // of an exact write
};

// The next word of the line, which is taken off its front. Empty at the line's end.
std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

// A number of any size: what is too large for 64 bits is too large for everything here.
std::optional<std::uint64_t> parse_number(std::string_view word) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  if (word.empty()) return std::nullopt;
  std::uint64_t number = 0;
  for (char digit : word) {
    if (digit < '0' || digit > '9') return std::nullopt;
    std::uint64_t value = static_cast<std::uint64_t>(digit - '0');
    number = number > (kMax - value) / 10 ? kMax : number * 10 + value;
  }
  return number;
}

std::optional<Line> parse_line(std::string_view text) {
  if (text.ends_with('\r')) text.remove_suffix(1);
  std::string_view command = take_word(text);
  std::string_view first = take_word(text);
  std::string_view second = take_word(text);
  if (command.size() != 1 || !take_word(text).empty()) return std::nullopt;
  Line line{command.front(), 0, std::nullopt};
  if (line.command == 'q' && first.empty()) return line;
  std::optional<std::uint64_t> mailbox = parse_number(first);
  if (!mailbox) return std::nullopt;
  line.mailbox = *mailbox;
  if (line.command == 'w' && !second.empty()) {
    line.length = parse_number(second);
    return line.length ? std::optional(line) : std::nullopt;
  }
  bool is_command = line.command == 'r' || line.command == 'w' || line.command == 'q';
  return is_command && second.empty() ? std::optional(line) : std::nullopt;
}

}  // namespace

DatagramParser::DatagramParser(std::size_t packet_bytes) : packet_bytes_(packet_bytes) {}
//~ end

std::optional<Request> DatagramParser::next() {
  //~ begin step 3: Go on from where the stream stands, until there is a whole request or nothing
  //~   more to go on with. What on_pause() and the others told is used up here.
  //~| return std::nullopt;
  std::optional<Request> request;
  State before;
  do {
    before = state_;
    request = step();
  } while (!request && state_ != before);
  if (!request) paused_ = timed_out_ = false;
  return request;
  //~ end
}

DatagramParser::Wait DatagramParser::waits_for() const {
  //~ begin step 3: A pause ends a line that is whole, and open data of which something has come.
  //~| return Wait::kBytes;
  switch (state_) {
    case State::kLine:
      return parse_line(unused()) ? Wait::kPause : Wait::kBytes;
    case State::kExact:
      return Wait::kData;
    case State::kOpen:
      return unused().empty() ? Wait::kData : Wait::kPause;
    case State::kSkipOpen:
      return Wait::kPause;
    case State::kSkipLine:
    case State::kSkipExact:
    case State::kDone:
      return Wait::kBytes;
  }
  return Wait::kBytes;
  //~ end
}

void DatagramParser::on_bytes(std::string_view bytes) {
  //~ begin step 3: Keep them for next().
  //~| (void)bytes;
  while (!bytes.empty()) {
    std::span<char> room = space();
    std::size_t count = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), count);
    received(count);
    bytes.remove_prefix(count);
  }
  //~ end
}

void DatagramParser::on_pause() {
  //~ begin step 3: Remember it for next().
  paused_ = true;
  //~ end
}

void DatagramParser::on_data_timeout() {
  //~ begin step 3: Remember it for next().
  timed_out_ = true;
  //~ end
}

void DatagramParser::on_end() {
  //~ begin step 3: Remember it: it stays true.
  ended_ = true;
  //~ end
}

std::span<char> DatagramParser::space() {
  //~ begin step 3: Room behind what has come. Somebody who announces a gigabyte has not sent it yet:
  //~   let the buffer grow with what comes.
  //~| return {};
  std::size_t wanted = kLeastRoom;
  if (state_ == State::kExact) wanted = std::max(wanted, data_left_ - (end_ - begin_));
  make_room(wanted);
  return {buffer_.get() + end_, capacity_ - end_};
  //~ end
}

void DatagramParser::received(std::size_t count) {
  //~ begin step 3: So much of space() holds bytes of the stream now.
  //~| (void)count;
  end_ += count;
  //~ end
}

//~ begin step 3: The parts of next().
std::optional<Request> DatagramParser::step() {
  switch (state_) {
    case State::kLine:
      return next_line();
    case State::kExact:
      return take_exact();
    case State::kOpen:
      return take_open();
    case State::kSkipLine:
      skip_line();
      return std::nullopt;
    case State::kSkipExact:
      skip_exact();
      return std::nullopt;
    case State::kSkipOpen:
      use(unused().size());
      if (paused_ || ended_) return refuse(Reason::kTooBig, State::kLine);
      return std::nullopt;
    case State::kDone:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Request> DatagramParser::next_line() {
  std::string_view bytes = unused();
  std::size_t size = bytes.find('\n', scanned_);
  if (size != bytes.npos) {
    use(size + 1);
    return take_line(bytes.substr(0, size));
  }
  scanned_ = bytes.size();
  // One more than the limit may be there: the '\r' of an end that is on its way.
  if (bytes.size() > kMaxLineBytes + 1) return refuse(Reason::kBadRequest, State::kSkipLine);
  if (ended_ && bytes.empty()) state_ = State::kDone;
  if (ended_ ? bytes.empty() : !(paused_ && parse_line(bytes))) return std::nullopt;
  paused_ = false;  // the same pause does not end what comes next
  use(bytes.size());
  return take_line(bytes);
}

std::optional<Request> DatagramParser::take_line(std::string_view text) {
  if (text.ends_with('\r')) text.remove_suffix(1);
  std::optional<Line> line;
  if (text.size() <= kMaxLineBytes) line = parse_line(text);
  if (!line) return refuse(Reason::kBadRequest, State::kLine);
  if (line->command == 'r') return Read{line->mailbox};
  if (line->command == 'q') {
    state_ = State::kDone;
    return Quit{};
  }
  mailbox_ = line->mailbox;
  data_left_ = line->length.value_or(0);
  state_ = line->length ? State::kExact : State::kOpen;
  if (data_left_ > packet_bytes_) return refuse(Reason::kTooBig, State::kSkipExact);
  return std::nullopt;
}

std::optional<Request> DatagramParser::take_exact() {
  std::string_view bytes = unused();
  if (bytes.size() >= data_left_) {
    use(data_left_);
    state_ = State::kLine;
    return Write{mailbox_, bytes.substr(0, data_left_)};
  }
  // skip_exact() deals with what is here already, and with the end.
  if (ended_ || timed_out_) return refuse(Reason::kBadRequest, State::kSkipExact);
  return std::nullopt;
}

std::optional<Request> DatagramParser::take_open() {
  std::string_view bytes = unused();
  if (bytes.size() > packet_bytes_) {
    state_ = State::kSkipOpen;
    return std::nullopt;
  }
  if (bytes.empty()) {
    if (ended_ || timed_out_) return refuse(Reason::kBadRequest, State::kLine);
    return std::nullopt;
  }
  if (!paused_ && !ended_) return std::nullopt;
  paused_ = false;
  use(bytes.size());
  state_ = State::kLine;
  return Write{mailbox_, bytes};
}

Request DatagramParser::refuse(Reason reason, State next) {
  paused_ = timed_out_ = false;
  state_ = next;
  return Bad{reason};
}

void DatagramParser::skip_line() {
  std::string_view bytes = unused();
  std::size_t size = bytes.find('\n');
  use(size == bytes.npos ? bytes.size() : size + 1);
  if (size != bytes.npos) {
    state_ = State::kLine;
  } else if (ended_) {
    state_ = State::kDone;
  }
}

void DatagramParser::skip_exact() {
  std::size_t count = std::min<std::uint64_t>(data_left_, unused().size());
  use(count);
  data_left_ -= count;
  if (data_left_ == 0) {
    state_ = State::kLine;
  } else if (ended_) {
    state_ = State::kDone;
  }
}

std::string_view DatagramParser::unused() const { return {buffer_.get() + begin_, end_ - begin_}; }

void DatagramParser::use(std::size_t count) {
  begin_ += count;
  scanned_ = 0;
}

// Makes room behind end_: for `bytes` more if there is reason to, and for some in any case.
void DatagramParser::make_room(std::size_t bytes) {
  if (begin_ == end_) begin_ = end_ = 0;
  // Half of the buffer is enough to go on with, though more was announced: it may never come. So
  // the buffer is at most about twice as large as what has come.
  std::size_t enough = std::min(bytes, capacity_ / 2);
  if (capacity_ > 0 && capacity_ - end_ >= enough) return;
  std::string_view kept = unused();
  if (capacity_ > 0 && capacity_ - kept.size() >= enough) {
    std::memmove(buffer_.get(), kept.data(), kept.size());
  } else {
    capacity_ = std::max(kFirstCapacity, 2 * capacity_);
    auto larger = std::make_unique_for_overwrite<char[]>(capacity_);
    if (!kept.empty()) std::memcpy(larger.get(), kept.data(), kept.size());
    buffer_ = std::move(larger);
  }
  end_ = kept.size();
  begin_ = 0;
}
//~ end

std::string format_ok(std::uint64_t length) {
  //~ begin step 3: The status line.
  //~| (void)length;
  //~| return "";
  return "ok " + std::to_string(length) + "\n";
  //~ end
}

std::string format_error(Reason reason) {
  //~ begin step 3: The status line: bad-request, no-such-mailbox, too-big or timeout.
  //~| (void)reason;
  //~| return "";
  switch (reason) {
    case Reason::kBadRequest:
      return "err bad-request\n";
    case Reason::kNoSuchMailbox:
      return "err no-such-mailbox\n";
    case Reason::kTooBig:
      return "err too-big\n";
    case Reason::kTimeout:
      return "err timeout\n";
  }
  return "";
  //~ end
}

}  // namespace dipc
