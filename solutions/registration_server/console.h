// Console: the client's commands, from a stream to a stream.
//
// A line is a command, and each gets one line back:
//
//     send KEY TEXT    ok, no-such-client, mailbox-full, too-long, bad-request
//     receive          message KEY NAME TEXT, or empty
//     list             clients 2 alice=0123456789abcdef bob=fedcba9876543210
//     stats            stats requests=3 total=17 clients=2 waiting=1
//     unregister       ok; and it ends
//
// and for anything else, bad-command. A `send KEY` without a text sends an empty one, which the
// server refuses. The end of the input is an unregister. When the server has gone the line is
// server-gone, when it does not answer no-answer, and it ends.
//
// Ownership: borrows the client and the streams.
// Thread-safety: none.
// Errors: std::system_error when the output cannot be written.
#ifndef REGISTRATION_CONSOLE_H_
#define REGISTRATION_CONSOLE_H_

#include <cstdio>
#include <string>
#include <string_view>

#include "client.h"
#include "outcome.h"

namespace registration {

class Console {
 public:
  // How long a request may take. A server that lives answers in microseconds; this is for one that
  // was stopped.
  static constexpr std::int64_t kAnswerMs = 30'000;

  Console(Client& client, std::FILE* input, std::FILE* output)
      : client_(client), input_(input), output_(output) {}

  // Reads commands until the end. What became of the last request: kAnswered if all went well.
  Outcome run();

  // A line of the input without its end. False at the end of the input.
  static bool read_line(std::FILE* input, std::string& line);
  // A line of the output, at once: who has started us may wait for it.
  static void print_line(std::FILE* output, std::string_view line);

 private:
  //~ begin step 5: The parts of run().
  Client::Reply carry_out(std::string_view line);
  Client::Reply send(std::string_view arguments);
  Client::Reply receive();
  Client::Reply list();
  Client::Reply stats();
  Client::Reply unregister();

  std::string answer_;  // the line that goes with a kOk
  bool is_over_ = false;
  //~ end
  Client& client_;
  std::FILE* const input_;
  std::FILE* const output_;
};

}  // namespace registration

#endif  // REGISTRATION_CONSOLE_H_
