#include "grader/explore/driver/symbols.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>

namespace kit::explore {
namespace {

struct Close {
  void operator()(FILE* stream) const { pclose(stream); }
};

std::string quoted(const std::string& word) {
  std::string text = "'";
  for (const char letter : word)
    text += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
  return text + "'";
}

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, Close> stream(popen(command.c_str(), "re"));
  std::string text;
  char buffer[4096];
  std::size_t got = 0;
  while (stream != nullptr && (got = fread(buffer, 1, sizeof buffer, stream.get())) > 0)
    text.append(buffer, got);
  return text;
}

std::string without_dots(const std::string& file) {
  return file.rfind("./", 0) == 0 ? file.substr(2) : file;
}

Place parse(const std::string& function, const std::string& where) {
  Place place;
  const std::size_t colon = where.rfind(':');
  if (colon == std::string::npos || where[0] == '?') return place;
  place.file = without_dots(where.substr(0, colon));
  place.line = std::atoi(where.c_str() + colon + 1);
  place.function = function;
  return place;
}

std::string trimmed(const std::string& line) {
  const std::size_t first = line.find_first_not_of(" \t");
  const std::size_t last = line.find_last_not_of(" \t\r");
  return first == std::string::npos ? "" : line.substr(first, last - first + 1);
}

}  // namespace

bool is_not_system(const std::string& file) { return file.rfind("/usr/", 0) != 0; }

void Symbols::prepare(const std::vector<std::uint32_t>& offsets) {
  std::vector<std::uint32_t> wanted;
  for (const std::uint32_t offset : offsets) {
    if (offset != 0 && places_.emplace(offset, Place{}).second) wanted.push_back(offset);
  }
  constexpr std::size_t kAtOnce = 2000;
  for (std::size_t begin = 0; begin < wanted.size(); begin += kAtOnce) {
    std::ostringstream command;
    command << "addr2line -f -C -e " << quoted(program_) << std::hex;
    // A return address belongs to the line after the call: one less is the call itself.
    for (std::size_t i = begin; i < wanted.size() && i < begin + kAtOnce; ++i)
      command << " 0x" << wanted[i] - 1;
    std::istringstream lines(output_of(command.str() + " 2>/dev/null"));
    std::string function;
    std::string where;
    for (std::size_t i = begin; std::getline(lines, function) && std::getline(lines, where); ++i) {
      places_[wanted[i]] = parse(function, where.substr(0, where.find(" (")));
    }
  }
}

Place Symbols::place(std::uint32_t offset) {
  if (offset == 0) return {};
  prepare({offset});
  return places_[offset];
}

Place Symbols::place(const Stack& stack) {
  prepare({stack.frames, stack.frames + kMaxFrames});
  for (const std::uint32_t frame : stack.frames) {
    const Place at = place(frame);
    if (is_own(at)) return at;
  }
  return place(stack.frames[0]);
}

void Symbols::read_globals() {
  has_globals_ = true;
  std::istringstream lines(
      output_of("nm -C -S --defined-only " + quoted(program_) + " 2>/dev/null"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string address, size, kind, name;
    words >> address >> size >> kind;
    std::getline(words, name);
    if (kind.size() != 1 || std::string("bBdDvVuR").find(kind) == std::string::npos) continue;
    globals_[std::strtoull(address.c_str(), nullptr, 16)] = {
        std::strtoull(size.c_str(), nullptr, 16), trimmed(name)};
  }
}

std::string Symbols::global(std::uint64_t offset) {
  if (!has_globals_) read_globals();
  auto after = globals_.upper_bound(offset);
  if (after == globals_.begin()) return "";
  const auto& [begin, global] = *--after;
  if (offset >= begin + global.size) return "";
  return offset == begin ? global.name : global.name + " + " + std::to_string(offset - begin);
}

std::string Symbols::source_line(const Place& place) {
  auto [at, is_new] = files_.try_emplace(place.file);
  if (is_new) {
    std::ifstream file(place.file);
    for (std::string line; std::getline(file, line);) at->second.push_back(line);
  }
  const std::vector<std::string>& lines = at->second;
  const auto number = static_cast<std::size_t>(place.line);
  return number == 0 || number > lines.size() ? "" : trimmed(lines[number - 1]);
}

std::string render(const Place& place) {
  if (place.file.empty()) return "?";
  return place.file.substr(place.file.rfind('/') + 1) + ':' + std::to_string(place.line);
}

}  // namespace kit::explore
