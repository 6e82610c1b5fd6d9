#include "grader/harness/transcript.h"

#include <algorithm>

namespace kit {

std::string escaped(std::string_view bytes) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  for (char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\\') {
      text += "\\\\";
    } else if (c == '\n') {
      text += "\\n";
    } else if (c == '\r') {
      text += "\\r";
    } else if (c == '\t') {
      text += "\\t";
    } else if (byte >= ' ' && byte < 0x7f) {
      text += c;
    } else {
      text += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return text;
}

void Transcript::note(std::string_view what) {
  extend('-', what);
  end_line();
}

void Transcript::add(char mark, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t newline = bytes.find('\n');
    extend(mark, bytes.substr(0, newline));
    if (newline == std::string_view::npos) return;
    end_line();
    bytes.remove_prefix(newline + 1);
  }
}

void Transcript::extend(char mark, std::string_view piece) {
  if (lines_.empty() || lines_.back().ended || lines_.back().mark != mark) {
    lines_.push_back({mark, "", 0, false, 1});
  }
  Line& line = lines_.back();
  line.head += piece.substr(0, kMaxLineBytes - line.head.size());
  line.length += piece.size();
  // One more than is shown: the newest may yet turn out to repeat the one before.
  if (lines_.size() > kMaxLines + 1) {
    dropped_ += lines_.front().times;
    lines_.pop_front();
  }
}

void Transcript::end_line() {
  Line& line = lines_.back();
  line.ended = true;
  if (lines_.size() < 2) return;
  Line& before = lines_[lines_.size() - 2];
  const bool same = before.ended && before.mark == line.mark && before.length == line.length &&
                    before.head == line.head;
  if (!same) return;
  ++before.times;
  lines_.pop_back();
}

std::string Transcript::text_of(const Line& line) {
  std::string text = std::string(1, line.mark) + ' ' + escaped(line.head);
  if (line.length > line.head.size()) text += "... (" + std::to_string(line.length) + " bytes)";
  if (!line.ended) text += " (no end of line)";
  if (line.times > 1) text += " (" + std::to_string(line.times) + " times)";
  return text + '\n';
}

std::string Transcript::text() const {
  const std::size_t hidden = lines_.size() - std::min(lines_.size(), kMaxLines);
  std::size_t earlier = dropped_;
  for (std::size_t i = 0; i < hidden; ++i) earlier += lines_[i].times;
  std::string text;
  if (earlier > 0) text = "(" + std::to_string(earlier) + " earlier lines)\n";
  for (std::size_t i = hidden; i < lines_.size(); ++i) text += text_of(lines_[i]);
  return text;
}

}  // namespace kit
