#include "grader/submissions/scan.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <filesystem>

namespace kit {
namespace {

struct Ban {
  std::string_view word;  // how an identifier begins
  bool is_whole;          // it is all of it
  std::string_view why;
};

constexpr std::string_view kBlinds = "makes the checks blind, and so the grader does not build it";

constexpr std::array<Ban, 13> kBans = {{
    {"no_sanitize", false, kBlinds},
    {"__no_sanitize", false, kBlinds},
    {"no_address_safety_analysis", false, kBlinds},
    {"disable_sanitizer_instrumentation", false, kBlinds},
    {"__asan_", false, kBlinds},
    {"__lsan_", false, kBlinds},
    {"__tsan_", false, kBlinds},
    {"__ubsan_", false, kBlinds},
    {"__sanitizer_", false, kBlinds},
    {"AnnotateIgnore", false, kBlinds},
    {"asm", true, "is assembler, which no lab needs and which the grader cannot look into"},
    {"__asm", true, "is assembler, which no lab needs and which the grader cannot look into"},
    {"__asm__", true, "is assembler, which no lab needs and which the grader cannot look into"},
}};

constexpr std::array<std::string_view, 5> kTrusted = {"/usr/", "labs/", "grader/", "solutions/",
                                                      "<"};

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::string error_at(const std::string& file, int line, const std::string& what) {
  return file + ":" + std::to_string(line) + ":1: error: " + what + "\n";
}

const Ban* ban_of(std::string_view word) {
  const auto found = std::find_if(kBans.begin(), kBans.end(), [&](const Ban& ban) {
    return ban.is_whole ? word == ban.word : word.substr(0, ban.word.size()) == ban.word;
  });
  return found == kBans.end() ? nullptr : found;
}

// Whether the quote at `at` begins a raw string: what stands before it is a raw prefix and no
// longer word that ends like one.
bool is_raw(std::string_view text, std::size_t at) {
  std::size_t begin = at;
  while (begin > 0 && is_word(text[begin - 1])) --begin;
  const std::string_view prefix = text.substr(begin, at - begin);
  return prefix == "R" || prefix == "LR" || prefix == "uR" || prefix == "UR" || prefix == "u8R";
}

// Steps over the literal that begins at `at`. The preprocessor has joined lines and taken out
// comments; a raw string it leaves as it is.
std::size_t after_literal(std::string_view text, std::size_t at) {
  const char quote = text[at];
  if (quote == '"' && is_raw(text, at)) {
    const std::size_t open = text.find('(', at);
    if (open == std::string_view::npos) return text.size();
    const std::string end = ")" + std::string(text.substr(at + 1, open - at - 1)) + "\"";
    const std::size_t close = text.find(end, open);
    return close == std::string_view::npos ? text.size() : close + end.size();
  }
  for (++at; at < text.size() && text[at] != quote && text[at] != '\n'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return std::min(at + 1, text.size());
}

// Files that are the system's or the kit's. Whatever else is the submission's, by whatever name.
bool is_trusted(const std::string& file) {
  return std::any_of(kTrusted.begin(), kTrusted.end(),
                     [&](std::string_view prefix) { return file.starts_with(prefix); });
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::string run() {
    bool is_at_line_start = true;
    while (at_ < text_.size() && found_.empty()) {
      const char c = text_[at_];
      if (is_at_line_start && c == '#') {
        take_marker();
      } else if (c == '\n') {
        ++line_;
        ++at_;
      } else if (is_word(c)) {
        take_word();
      } else if (c == '"' || c == '\'') {
        take_literal();
      } else {
        ++at_;
      }
      is_at_line_start = at_ > 0 && at_ <= text_.size() && text_[at_ - 1] == '\n';
    }
    return found_;
  }

 private:
  // '# 12 "file" 1 3', or a #pragma that the preprocessor leaves to the compiler.
  void take_marker() {
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    const std::string line(text_.substr(at_, end - at_));
    const std::size_t open = line.find('"');
    const std::size_t close = line.rfind('"');
    if (line.size() > 2 && std::isdigit(static_cast<unsigned char>(line[2])) != 0 && open < close) {
      line_ = std::atoi(line.c_str() + 2);
      file_ = std::filesystem::path(line.substr(open + 1, close - open - 1)).lexically_normal();
      is_own_ = !is_trusted(file_);
      at_ = std::min(end + 1, text_.size());
    } else {
      ++at_;  // its words count
    }
  }

  void take_word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    // "1'000'000" is one number.
    while (std::isdigit(static_cast<unsigned char>(text_[begin])) != 0 && at_ + 1 < text_.size() &&
           text_[at_] == '\'' && is_word(text_[at_ + 1])) {
      ++at_;
      while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    }
    if (!is_own_) return;
    const std::string word(text_.substr(begin, at_ - begin));
    if (const Ban* ban = ban_of(word)) {
      found_ = error_at(file_, line_, "`" + word + "` " + std::string(ban->why));
    }
  }

  void take_literal() {
    const std::size_t end = after_literal(text_, at_);
    line_ += static_cast<int>(std::count(text_.begin() + at_, text_.begin() + end, '\n'));
    at_ = end;
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  std::string file_;
  bool is_own_ = false;
  std::string found_;
};

// Continued lines as one; the line breaks are put behind them, so that lines keep their numbers.
std::string joined_lines(std::string_view text) {
  std::string out;
  int owed = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::size_t next = i + 1;
    if (text[i] == '\\') {
      while (next < text.size() &&
             (text[next] == ' ' || text[next] == '\t' || text[next] == '\r')) {
        ++next;
      }
    }
    if (text[i] == '\\' && next < text.size() && text[next] == '\n') {
      ++owed;
      i = next;
      continue;
    }
    if (text[i] == '\n') {
      out.append(static_cast<std::size_t>(owed), '\n');
      owed = 0;
    }
    out += text[i];
  }
  return out;
}

// White space and comments, from `at` on.
std::size_t after_space(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    if (text.substr(at, 2) == "/*") {
      const std::size_t end = text.find("*/", at + 2);
      if (end == std::string_view::npos) return text.size();
      at = end + 2;
    } else if (text[at] != '\n' && std::isspace(static_cast<unsigned char>(text[at])) != 0) {
      ++at;
    } else {
      break;
    }
  }
  return at;
}

// Whether nothing but white space, or the end of a comment, stands before `at` on its line.
bool begins_line(std::string_view text, std::size_t at) {
  while (at > 0 && text[at - 1] != '\n' &&
         std::isspace(static_cast<unsigned char>(text[at - 1])) != 0) {
    --at;
  }
  return at == 0 || text[at - 1] == '\n' || (at > 1 && text.substr(at - 2, 2) == "*/");
}

// "# 12", "#line 12", "%:line 12", "?\?=line 12": where it is one, and with comments in between,
// too.
bool is_line_marker(std::string_view text, std::size_t at) {
  std::size_t length = 0;
  for (const std::string_view mark : {"#", "%:", "?\?="}) {
    if (text.substr(at, mark.size()) == mark) length = mark.size();
  }
  if (length == 0 || !begins_line(text, at)) return false;
  at = after_space(text, at + length);
  if (at >= text.size()) return false;
  return std::isdigit(static_cast<unsigned char>(text[at])) != 0 || text.substr(at, 4) == "line";
}

}  // namespace

std::string scan_source(std::string_view text, const std::string& file) {
  const std::string joined = joined_lines(text);
  int line = 1;
  for (std::size_t at = 0; at < joined.size(); ++at) {
    if (is_line_marker(joined, at)) {
      return error_at(file, line, "`#line` hides from the grader whose line this is");
    }
    line += joined[at] == '\n';
  }
  return "";
}

std::string scan_preprocessed(std::string_view text) { return Scanner(text).run(); }

}  // namespace kit
