// A person at the keyboard of registration_client, who looks at what it prints.
//
//     Typist ann(server.instance(), "ann");
//     const std::string key = ann.read_key();
//     ann.ask("send " + key + " hello", "ok");
//     ann.end_input();
//     ann.expect_line("ok");
//     ann.expect_exit(0);
//
// Ownership: the program belongs to the box.
// Thread-safety: for the check's thread.
// Errors: the verdicts of check.h.
#ifndef GRADER_REGISTRATION_SERVER_TYPIST_H_
#define GRADER_REGISTRATION_SERVER_TYPIST_H_

#include <string>
#include <vector>

#include "grader/harness/box.h"

namespace kit::registration_lab {

class Typist {
 public:
  Typist(const std::string& instance, const std::string& name);
  // With these arguments beside --instance.
  Typist(const std::string& instance, const std::vector<std::string>& args);
  Typist(const Typist&) = delete;
  Typist& operator=(const Typist&) = delete;

  void type(const std::string& text);
  void end_input();

  // The next line that it prints, without its end.
  std::string read_line();
  void expect_line(const std::string& line);
  // The first line when all goes well. In the finding it is marked as one that varies.
  std::string read_key();
  // Types a command, and requires this answer.
  void ask(const std::string& command, const std::string& answer);

  // It ends so, and has printed no more than what was read.
  void expect_exit(int status);

  Process& process() { return *process_; }

 private:
  Process* process_;
  std::size_t read_bytes_ = 0;
};

}  // namespace kit::registration_lab

#endif  // GRADER_REGISTRATION_SERVER_TYPIST_H_
