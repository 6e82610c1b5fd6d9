// What was said on a connection, for the `did` of a finding: "> SET x" is what the check sent,
// "< OK 1" what came back, "- half-closed" what else happened.
//
// Only the last lines are kept, long lines are cut, and a line said many times in a row is said
// once with a count, so that a flood of a gigabyte is still a page to read. What does not print is
// escaped.
//
// Thread-safety: none of its own; it belongs to one peer.
#ifndef GRADER_HARNESS_TRANSCRIPT_H_
#define GRADER_HARNESS_TRANSCRIPT_H_

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace kit {

class Transcript {
 public:
  static constexpr std::size_t kMaxLines = 40;
  static constexpr std::size_t kMaxLineBytes = 120;

  void sent(std::string_view bytes) { add('>', bytes); }
  void received(std::string_view bytes) { add('<', bytes); }
  void note(std::string_view what);

  // A line each, every one ended by '\n'.
  std::string text() const;

 private:
  struct Line {
    char mark = ' ';
    std::string head;        // the first kMaxLineBytes
    std::size_t length = 0;  // of the whole line
    bool ended = false;
    std::size_t times = 1;
  };

  void add(char mark, std::string_view bytes);
  void extend(char mark, std::string_view piece);
  void end_line();
  static std::string text_of(const Line& line);

  std::deque<Line> lines_;
  std::size_t dropped_ = 0;
};

// The bytes with what does not print as \n, \r, \t, \\ or \x1b.
std::string escaped(std::string_view bytes);

}  // namespace kit

#endif  // GRADER_HARNESS_TRANSCRIPT_H_
