// ReplyReader: knows when the whole answer to an operation has come.
//
// The protocols measured here all answer with a line, and some lines are followed by a body whose
// length the line tells (the lab's "MSG 7 ann 1024", Redis's "$1024"). So the reader counts bodies
// without keeping them, which costs next to nothing: a generator that takes its time would be the
// figure that is measured.
//
// Thread-safety: none; a reader belongs to one connection.
// Errors: BadReply for an answer that is an error, is shorter or longer than it should be, or goes
// on after its end. What fails is not worth timing.
#ifndef GRADER_BENCH_REPLY_READER_H_
#define GRADER_BENCH_REPLY_READER_H_

#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace kit::bench {

struct BadReply : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What a client sends in one go, and what it must get back.
struct Operation {
  std::string request;         // one command or several
  int replies = 1;             // how many answers there are to it
  std::size_t body_bytes = 0;  // how many bytes of bodies come with them, line ends included
  // How many bytes follow this line of an answer. The line comes without its '\n'. Throws BadReply
  // for an answer that is an error.
  std::function<std::size_t(std::string_view line)> body_after;
};

// For body_after: the number at the end of `line`, and what to throw for a line that is no answer.
std::size_t parse_length(std::string_view digits, std::string_view line);
[[noreturn]] void throw_unexpected(std::string_view line);

class ReplyReader {
 public:
  // Begins to wait for the answer to `operation`, which must stay where it is until it has come.
  void expect(const Operation& operation);

  // Takes the next bytes. True when the answer is complete.
  bool feed(std::string_view bytes);

 private:
  void take_line(std::string_view& bytes);
  void take_body(std::string_view& bytes);
  void end_line();

  const Operation* operation_ = nullptr;
  std::string line_;  // what has come of a line that has not ended
  std::size_t body_left_ = 0;
  std::size_t body_bytes_ = 0;
  int replies_left_ = 0;
};

}  // namespace kit::bench

#endif  // GRADER_BENCH_REPLY_READER_H_
