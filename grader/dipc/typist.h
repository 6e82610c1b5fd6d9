// A person at the keyboard of dipc_client, who looks at what it prints.
//
//   Typist ann(server.port());
//   ann.type("write 0 hello\n");
//   ann.expect("ok\n");
//
// Ownership: the program belongs to the box.
// Thread-safety: for the check's thread.
// Errors: the verdicts of check.h.
#ifndef GRADER_DIPC_TYPIST_H_
#define GRADER_DIPC_TYPIST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "grader/harness/box.h"

namespace kit::dipc_lab {

class Typist {
 public:
  // Starts dipc_client for a server on this machine. `args`: beside --host and --port.
  explicit Typist(std::uint16_t port, StartOptions options = {});
  // With these arguments and no others.
  explicit Typist(const std::vector<std::string>& args, std::uint16_t port = 0,
                  StartOptions options = {});
  // Ends the input, and lets the program end by itself if it will.
  ~Typist();
  Typist(const Typist&) = delete;
  Typist& operator=(const Typist&) = delete;

  void type(const std::string& text);
  void end_input();  // what Ctrl-D does

  // All that the program has printed since the start is what was expected so far, and then this.
  void expect(const std::string& text);

  // It ends with status 0, and has printed no more than what was expected.
  void expect_end();
  // It ends with another status, and a message on standard error, since `what_happened`.
  void expect_told_failure(const std::string& what_happened);

  Process& client() { return *client_; }

 private:
  void require_printed(bool has_ended);

  Process* client_ = nullptr;
  std::string expected_;
  bool are_reads_short_ = false;  // then it is luck how far it comes
};

}  // namespace kit::dipc_lab

#endif  // GRADER_DIPC_TYPIST_H_
