#include "grader/dipc/datagram_model.h"

#include <algorithm>
#include <regex>
#include <utility>

namespace kit::dipc_lab {
namespace {

constexpr std::size_t kMaxLine = 128;
const std::string kLargest = "18446744073709551615";

std::string without_cr(std::string line) {
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

// A number as text, without zeros in front, and at most the largest of 64 bits.
std::string number_of(const std::string& digits) {
  const std::size_t begin = std::min(digits.find_first_not_of('0'), digits.size() - 1);
  const std::string number = digits.substr(begin);
  const bool is_larger =
      number.size() > kLargest.size() || (number.size() == kLargest.size() && number > kLargest);
  return is_larger ? kLargest : number;
}

// The words of a command: {"r", "1"}, {"w", "1"}, {"w", "1", "5"}, {"q"}; none when it is no
// command.
std::vector<std::string> words_of(const std::string& line) {
  static const std::regex kRead("r +([0-9]+)");
  static const std::regex kWrite("w +([0-9]+)( +([0-9]+))?");
  static const std::regex kQuit("q( +[0-9]+)?");
  std::smatch match;
  if (line.size() > kMaxLine) return {};
  if (std::regex_match(line, match, kRead)) return {"r", number_of(match[1])};
  if (std::regex_match(line, kQuit)) return {"q"};
  if (!std::regex_match(line, match, kWrite)) return {};
  if (!match[3].matched) return {"w", number_of(match[1])};
  return {"w", number_of(match[1]), number_of(match[3])};
}

}  // namespace

std::string DatagramModel::bytes(const std::string& data) {
  rest_ += data;
  go_on();
  return said();
}

std::string DatagramModel::pause() {
  if (in_ == In::kLine && !words_of(without_cr(rest_)).empty()) {
    const std::string line = std::exchange(rest_, "");
    command(line);
  } else if (in_ == In::kOpen && !rest_.empty()) {
    finish_open();
  }
  go_on();
  return said();
}

std::string DatagramModel::data_timeout() {
  if (in_ == In::kOpen && rest_.empty()) {
    say("bad-request");
    in_ = In::kLine;
  } else if (in_ == In::kExact) {
    say("bad-request");
    in_ = In::kRestOfExact;
  }
  go_on();
  return said();
}

std::string DatagramModel::end() {
  if (in_ == In::kLine && !rest_.empty()) command(std::exchange(rest_, ""));
  if (in_ == In::kOpen && !rest_.empty()) finish_open();
  const bool is_unfinished = in_ == In::kOpen || (in_ == In::kExact && rest_.size() < length_);
  go_on();
  if (is_unfinished) say("bad-request");
  in_ = In::kNothing;
  return said();
}

std::string DatagramModel::waits() const {
  if (in_ == In::kExact) return "data";
  if (in_ == In::kOpen) return rest_.empty() ? "data" : "pause";
  if (in_ == In::kLine && !words_of(without_cr(rest_)).empty()) return "pause";
  return "bytes";
}

void DatagramModel::say(const std::string& request) { said_.push_back(request); }

std::string DatagramModel::said() {
  std::string out;
  for (const std::string& request : said_) out += (out.empty() ? "" : "; ") + request;
  said_.clear();
  return out.empty() ? "(nothing)" : out;
}

void DatagramModel::go_on() {
  while (step()) {
  }
}

// Uses up a part of what has come; false when there is nothing to go on with.
bool DatagramModel::step() {
  if (in_ == In::kLine || in_ == In::kRestOfLine) {
    const std::size_t end = rest_.find('\n');
    if (end == std::string::npos) {
      // One byte more may be the '\r' of its end.
      if (in_ == In::kRestOfLine || rest_.size() <= kMaxLine + 1) return false;
      say("bad-request");
      in_ = In::kRestOfLine;
      return false;
    }
    const std::string line = rest_.substr(0, end);
    rest_.erase(0, end + 1);
    in_ == In::kLine ? command(line) : void(in_ = In::kLine);
    return true;
  }
  if (in_ == In::kExact && rest_.size() >= length_) {
    say("write " + mailbox_ + "(" + rest_.substr(0, length_) + ")");
    rest_.erase(0, length_);
    in_ = In::kLine;
    return true;
  }
  if (in_ == In::kRestOfExact) {
    const std::size_t count = std::min<std::uint64_t>(length_, rest_.size());
    rest_.erase(0, count);
    length_ -= count;
    if (length_ == 0) in_ = In::kLine;
    return length_ == 0;
  }
  if (in_ == In::kNothing) rest_.clear();
  return false;
}

void DatagramModel::command(std::string line) {
  const std::vector<std::string> words = words_of(without_cr(std::move(line)));
  in_ = In::kLine;
  if (words.empty()) return say("bad-request");
  if (words[0] == "r") return say("read " + words[1]);
  if (words[0] == "q") {
    say("quit");
    in_ = In::kNothing;
    return;
  }
  mailbox_ = words[1];
  in_ = In::kOpen;
  if (words.size() == 2) return;
  length_ = std::stoull(words[2]);
  in_ = In::kExact;
  if (length_ <= packet_bytes_) return;
  say("too-big");
  in_ = In::kRestOfExact;
}

void DatagramModel::finish_open() {
  say(rest_.size() > packet_bytes_ ? "too-big" : "write " + mailbox_ + "(" + rest_ + ")");
  rest_.clear();
  in_ = In::kLine;
}

}  // namespace kit::dipc_lab
