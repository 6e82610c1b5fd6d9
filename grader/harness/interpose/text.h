// A short line built without the allocator, for handlers and for code that stands in for malloc.
// What does not fit is left out.
#ifndef GRADER_HARNESS_INTERPOSE_TEXT_H_
#define GRADER_HARNESS_INTERPOSE_TEXT_H_

#include <cstddef>
#include <cstdint>

namespace kit {

class Text {
 public:
  Text& add(const char* text) {
    while (*text != '\0') add_char(*text++);
    return *this;
  }

  Text& add_number(std::uint64_t number, unsigned base = 10) {
    char digits[20];
    std::size_t count = 0;
    do {
      digits[count++] = "0123456789abcdef"[number % base];
      number /= base;
    } while (number > 0);
    while (count > 0) add_char(digits[--count]);
    return *this;
  }

  // One word of an event: what would break the line into other words is written \x20.
  Text& add_word(const char* word) {
    if (*word == '\0') return add("-");
    for (; *word != '\0'; ++word) {
      const auto byte = static_cast<unsigned char>(*word);
      if (byte > ' ' && byte < 0x7f && byte != '\\') {
        add_char(*word);
      } else {
        add("\\x");
        add_char("0123456789abcdef"[byte >> 4]);
        add_char("0123456789abcdef"[byte & 15]);
      }
    }
    return *this;
  }

  // The line ends even when it was too long.
  Text& end_line() {
    if (size_ == sizeof(bytes_)) --size_;
    return add("\n");
  }

  const char* data() const { return bytes_; }
  std::size_t size() const { return size_; }

 private:
  void add_char(char c) {
    if (size_ < sizeof(bytes_)) bytes_[size_++] = c;
  }

  char bytes_[1024];  // below PIPE_BUF: one write(2) of it is not split (pipe(7))
  std::size_t size_ = 0;
};

}  // namespace kit

#endif  // GRADER_HARNESS_INTERPOSE_TEXT_H_
