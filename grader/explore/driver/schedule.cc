#include "grader/explore/driver/schedule.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace kit::explore {
namespace {

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void put_number(std::string& bytes, std::uint64_t number) {
  while (number >= 128) {
    bytes += static_cast<char>(number % 128 + 128);
    number /= 128;
  }
  bytes += static_cast<char>(number);
}

void put_fixed(std::string& bytes, std::uint64_t number) {
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(number >> (8 * i));
}

std::string to_base64(const std::string& bytes) {
  std::string text;
  unsigned bits = 0;
  int count = 0;
  for (const unsigned char byte : bytes) {
    bits = bits << 8 | byte;
    for (count += 8; count >= 6; count -= 6) text += kAlphabet[bits >> (count - 6) & 63];
  }
  if (count > 0) text += kAlphabet[bits << (6 - count) & 63];
  return text;
}

std::string from_base64(std::string_view text) {
  std::string bytes;
  unsigned bits = 0;
  int count = 0;
  for (const char letter : text) {
    const char* at = std::strchr(kAlphabet, letter);
    if (at == nullptr || letter == '\0')
      throw std::invalid_argument("a token has a letter that does not belong there");
    bits = bits << 6 | static_cast<unsigned>(at - kAlphabet);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count);
  }
  return bytes;
}

class Reader {
 public:
  explicit Reader(std::string bytes) : bytes_(std::move(bytes)) {}

  std::uint64_t number() {
    std::uint64_t number = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const unsigned char byte = next();
      number |= std::uint64_t{byte & 127u} << shift;
      if (byte < 128) return number;
    }
    throw std::invalid_argument("a token has a number that is too large");
  }
  std::uint64_t fixed() {
    std::uint64_t number = 0;
    for (int i = 0; i < 8; ++i) number |= std::uint64_t{next()} << (8 * i);
    return number;
  }
  std::uint64_t count(std::uint64_t limit) {
    const std::uint64_t count = number();
    if (count > limit) throw std::invalid_argument("a token is longer than any schedule");
    return count;
  }

 private:
  unsigned char next() {
    if (at_ == bytes_.size()) throw std::invalid_argument("a token is cut off");
    return static_cast<unsigned char>(bytes_[at_++]);
  }

  std::string bytes_;
  std::size_t at_ = 0;
};

}  // namespace

int preemptions(const Schedule& schedule) {
  return static_cast<int>(std::count_if(schedule.switches.begin(), schedule.switches.end(),
                                        [](const Switch& each) { return each.preempts != 0; }));
}

std::string encode_schedule(const Schedule& schedule, std::uint64_t program_hash) {
  std::string bytes;
  put_fixed(bytes, program_hash);
  put_fixed(bytes, schedule.run_hash);
  put_number(bytes, (schedule.short_io ? 1 : 0) + (schedule.takes_turns ? 2 : 0));
  put_number(bytes, schedule.switches.size());
  for (const Switch& each : schedule.switches) {
    put_number(bytes, each.at);
    put_number(bytes, each.to);
    bytes += static_cast<char>(static_cast<int>(each.why) * 2 + (each.preempts != 0 ? 1 : 0));
  }
  put_number(bytes, schedule.picks.size());
  for (const std::uint8_t pick : schedule.picks) put_number(bytes, pick);
  return to_base64(bytes);
}

Token parse_schedule(std::string_view text) {
  Reader reader(from_base64(text));
  Token token;
  token.program_hash = reader.fixed();
  token.schedule.run_hash = reader.fixed();
  const std::uint64_t flags = reader.number();
  token.schedule.short_io = (flags & 1) != 0;
  token.schedule.takes_turns = (flags & 2) != 0;
  for (std::uint64_t left = reader.count(kMaxSwitches); left > 0; --left) {
    Switch each{};
    each.at = static_cast<std::uint32_t>(reader.number());
    each.to = static_cast<std::uint16_t>(reader.number());
    const std::uint64_t why = reader.number();
    each.why = static_cast<Why>(why / 2);
    each.preempts = why % 2;
    token.schedule.switches.push_back(each);
  }
  for (std::uint64_t left = reader.count(kMaxPicks); left > 0; --left) {
    token.schedule.picks.push_back(static_cast<std::uint8_t>(reader.number()));
  }
  return token;
}

// Only the sections that hold instructions: names of files and the like differ from machine to
// machine.
std::uint64_t hash_of_program(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string image{std::istreambuf_iterator<char>(file), {}};
  Elf64_Ehdr header{};
  if (image.size() < sizeof header) return 0;
  std::memcpy(&header, image.data(), sizeof header);
  std::uint64_t hash = 0xcbf29ce484222325ull;
  for (int i = 0; i < header.e_shnum; ++i) {
    Elf64_Shdr section{};
    const std::uint64_t at = header.e_shoff + std::uint64_t(i) * sizeof section;
    if (at + sizeof section > image.size()) break;
    std::memcpy(&section, image.data() + at, sizeof section);
    if (section.sh_type != SHT_PROGBITS || (section.sh_flags & SHF_EXECINSTR) == 0) continue;
    const std::uint64_t end =
        std::min<std::uint64_t>(image.size(), section.sh_offset + section.sh_size);
    for (std::uint64_t k = section.sh_offset; k < end; ++k) {
      hash = (hash ^ static_cast<unsigned char>(image[k])) * 0x100000001b3ull;
    }
  }
  return hash;
}

}  // namespace kit::explore
