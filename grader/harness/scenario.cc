#include "grader/harness/scenario.h"

#include <charconv>
#include <stdexcept>

namespace kit {
namespace {

constexpr std::string_view kFirstLine = "kit-scenario 1";
constexpr char kHex[] = "0123456789ABCDEF";

bool is_plain(unsigned char c) { return c > ' ' && c < 127 && c != '%'; }

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Words split(std::string_view line) {
  Words words;
  while (true) {
    const std::size_t space = line.find(' ');
    words.push_back(decode_word(line.substr(0, space)));
    if (space == std::string_view::npos) return words;
    line.remove_prefix(space + 1);
  }
}

int parse_repeat(const Words& words) {
  int repeat = 0;
  if (words.size() == 2) {
    const std::string& text = words[1];
    std::from_chars(text.data(), text.data() + text.size(), repeat);
  }
  if (repeat < 1) throw std::invalid_argument("repeat wants a number from 1");
  return repeat;
}

std::string line_of(std::string_view keyword, const Words& words) {
  std::string line(keyword);
  for (const std::string& word : words) line += ' ' + encode_word(word);
  return line + '\n';
}

void decode_line(std::string_view line, RepeatedScenario& into) {
  Words words = split(line);
  const std::string keyword = words.front();
  if (keyword == "repeat") {
    into.repeat = parse_repeat(words);
  } else if (keyword == "setup") {
    into.scenario.setup.assign(words.begin() + 1, words.end());
  } else if (keyword == "thread" && words.size() == 1) {
    into.scenario.threads.emplace_back();
  } else if (keyword == "call" && words.size() >= 2 && !into.scenario.threads.empty()) {
    into.scenario.threads.back().push_back({words[1], Words(words.begin() + 2, words.end())});
  } else {
    throw std::invalid_argument("unexpected line");
  }
}

// A line for each call; the same one many times in a row is one line.
std::string render_calls(const std::vector<Call>& calls) {
  std::string out;
  for (std::size_t i = 0; i < calls.size();) {
    const std::string text = render(calls[i]);
    std::size_t end = i + 1;
    while (end < calls.size() && render(calls[end]) == text) ++end;
    out += "  " + text + (end - i > 1 ? ", " + std::to_string(end - i) + " times" : "") + '\n';
    i = end;
  }
  return out;
}

}  // namespace

std::string encode_word(std::string_view word) {
  if (word.empty()) return "%";
  std::string out;
  for (unsigned char c : word) {
    if (is_plain(c)) {
      out += static_cast<char>(c);
    } else {
      out += '%';
      out += kHex[c >> 4];
      out += kHex[c & 15];
    }
  }
  return out;
}

std::string decode_word(std::string_view word) {
  if (word == "%") return "";
  std::string out;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] != '%') {
      out += word[i];
      continue;
    }
    const int high = i + 2 < word.size() ? hex_value(word[i + 1]) : -1;
    const int low = i + 2 < word.size() ? hex_value(word[i + 2]) : -1;
    if (high < 0 || low < 0) throw std::invalid_argument("not a word: " + std::string(word));
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::string encode(const Scenario& scenario, int repeat) {
  std::string out(kFirstLine);
  out += "\nrepeat " + std::to_string(repeat) + '\n';
  if (!scenario.setup.empty()) out += line_of("setup", scenario.setup);
  for (const std::vector<Call>& thread : scenario.threads) {
    out += "thread\n";
    for (const Call& call : thread) out += line_of("call " + encode_word(call.name), call.args);
  }
  return out + "end\n";
}

RepeatedScenario decode(std::string_view text) {
  RepeatedScenario result;
  for (int number = 1;; ++number) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) throw std::invalid_argument("scenario without an end line");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (number > 1 && line == "end") return result;
    try {
      if (number > 1) {
        decode_line(line, result);
      } else if (line != kFirstLine) {
        throw std::invalid_argument("not a scenario of version 1");
      }
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument("scenario line " + std::to_string(number) + ": " + error.what() +
                                  ": " + std::string(line));
    }
  }
}

std::string printable(std::string_view text, std::size_t max_length) {
  std::string out;
  for (unsigned char c : text.substr(0, max_length)) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c >= ' ' && c < 127) {
      out += static_cast<char>(c);
    } else {
      out += "\\x";
      out += kHex[c >> 4];
      out += kHex[c & 15];
    }
  }
  if (text.size() > max_length) {
    out += "... (" + std::to_string(text.size()) + " bytes)";
  } else if (text.empty() || text.find_first_of(" ,()") != std::string_view::npos) {
    out = '"' + out + '"';
  }
  return out;
}

std::string render(const Call& call) {
  std::string out = call.name + '(';
  for (std::size_t i = 0; i < call.args.size(); ++i) {
    out += (i == 0 ? "" : ", ") + printable(call.args[i], 40);
  }
  return out + ')';
}

std::string render(const Scenario& scenario) {
  std::string out;
  if (!scenario.setup.empty()) out += "made with " + render(Call{"", scenario.setup}) + '\n';
  for (std::size_t i = 0; i < scenario.threads.size(); ++i) {
    if (scenario.threads.size() > 1) out += "thread " + std::to_string(i) + ":\n";
    out += render_calls(scenario.threads[i]);
  }
  return out;
}

}  // namespace kit
