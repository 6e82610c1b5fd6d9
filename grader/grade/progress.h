// What a person sees while a grade comes about, on standard error: a line for each step and mode as
// it is done, with the time so far, and the first failed check as soon as it is known. On a
// terminal a last line says what is still missing and is kept up to date; elsewhere (a log, a pipe)
// there is neither that line nor colour.
//
// Thread-safety: one thread. Errors: none: a standard error that is closed does not stop a grade.
#ifndef GRADER_GRADE_PROGRESS_H_
#define GRADER_GRADE_PROGRESS_H_

#include <string>
#include <vector>

#include "grader/grade/score.h"

namespace kit::grade {

// How a stream is written to: NO_COLOR, TERM=dumb and what is no terminal get plain text.
struct Terminal {
  int fd = 2;
  bool is_terminal = false;
  bool has_colour = false;
  int width = 100;
};
Terminal find_terminal(int fd);

class Progress {
 public:
  explicit Progress(Terminal terminal);

  // Starts the clock.
  void begin(const std::vector<Job>& jobs);
  // The rows are those of one job.
  void show_done(const Job& job, const std::vector<Row>& rows);
  // Refreshes the last line; `notice` stands before what is missing.
  void tick(const std::string& notice);
  // Takes the last line away.
  void end();
  void say(const std::string& line);

  double seconds() const;

 private:
  void show_status(const std::string& text);

  Terminal terminal_;
  std::vector<Job> open_;
  std::size_t job_count_ = 0;
  std::int64_t begin_ns_ = 0;
  bool has_failure_ = false;
  std::string notice_;
  std::string status_;  // what stands in the last line now
};

// "7 of 9 passed, 1 failed, 1 leaked", or "does not compile: ring_buffer.cc:12:3: error: ..."
std::string job_summary(const std::vector<Row>& rows);

}  // namespace kit::grade

#endif  // GRADER_GRADE_PROGRESS_H_
