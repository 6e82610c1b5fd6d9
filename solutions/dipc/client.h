// Client: the user's commands to the server, the server's answers to the user.
//
//     read <mailbox>           prints the mailbox's data and a newline
//     write <mailbox> <text>   stores the text, which is the rest of the line; prints "ok"
//     quit                     ends
//
// Each command is answered by one line on the output, in order, before the next one is sent: what
// the server refuses by its own words ("err no-such-mailbox"), and what is no command by "err
// bad-request" without asking the server. Data is printed to the byte; if it holds newlines, so
// does what is printed. The end of the input is a quit.
//
// Ownership: a client owns its connection.
// Thread-safety: none; one thread.
// Errors: std::runtime_error that says what went wrong: no such host, no connection, the server
// went away or does not speak this protocol.
#ifndef DIPC_CLIENT_H_
#define DIPC_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "labs/support/deadline.h"
#include "labs/support/stream.h"

namespace dipc {

class Client {
 public:
  // Connects.
  Client(const std::string& host, std::uint16_t port);
  ~Client();

  // Carries out the commands of the descriptor `input` until quit or its end; prints to `output`.
  void run(int input, int output);

 private:
  //~ begin step 6: What the client remembers, and the parts of its work.
  bool read_input(int input);
  bool carry_out(std::string_view line);
  void read(std::string_view mailbox);
  void write(std::string_view mailbox, std::string_view text);
  std::optional<std::size_t> receive_status(support::Deadline deadline);
  std::string receive_line(support::Deadline deadline);
  void receive_more(support::Deadline deadline);
  void print(std::string_view bytes);

  std::unique_ptr<support::Stream> stream_;
  int output_ = -1;
  std::string input_;     // what was read and is not carried out yet
  std::string received_;  // what has come from the server and is not used yet
  //~ end
};

}  // namespace dipc

#endif  // DIPC_CLIENT_H_
