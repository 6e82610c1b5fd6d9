// Step 6, the student's own client: with the reference's server, and with one that the check plays.
#include <signal.h>

#include <string>
#include <vector>

#include "grader/dipc/dipc_peer.h"
#include "grader/dipc/running_dipc.h"
#include "grader/dipc/typist.h"
#include "grader/harness/check.h"
#include "grader/harness/check_context.h"
#include "grader/harness/quote.h"
#include "grader/harness/tcp_socket.h"

namespace kit::dipc_lab {
namespace {

// The reference's server.
class ReferenceDipc : public RunningDipc {
 public:
  explicit ReferenceDipc(Shape shape = {}) : RunningDipc(shape, {}, {}, "reference_dipc") {}
};

KIT_CHECK(Client, WritesAndReads,
          .why = "This is what the mailboxes are for: one writes, another one reads.",
          .hint =
              "Print the answer before you read the next command, and flush: standard output is "
              "buffered when it is a pipe (std::fflush, std::flush, or write(2)).",
          .function = "dipc::Client::run") {
  ReferenceDipc dipc;
  DipcPeer bob = dipc.quiet_client();
  Typist ann(dipc.port());
  ann.type("write 1 hello\n");
  ann.expect("ok\n");
  bob.require_read(1, "hello");
  bob.require_write(1, "hi, ann");
  did("another client wrote \"hi, ann\" to mailbox 1");
  ann.type("read 1\n");
  ann.expect("hi, ann\n");
  ann.type("quit\n");
  ann.expect_end();
}

KIT_CHECK(Client, PrintsOneLineForEachAnswer,
          .why = "A script that sends ten commands reads ten lines, in the same order.",
          .hint =
              "What one read(2) of the input gives may be many commands, or half of one. A mailbox "
              "that holds nothing is an empty line.",
          .function = "dipc::Client::run") {
  ReferenceDipc dipc;
  Typist ann(dipc.port());
  ann.type("read 0\nwrite 0 one\nread 0\nwrite 0 two\nread 0\nread 1\nrea");
  ann.expect("\nok\none\nok\ntwo\n\n");
  ann.type("d 0\n");
  ann.expect("two\n");
}

KIT_CHECK(Client, KeepsTextToTheByte,
          .why = "The text is the rest of the line, with all its spaces, whatever is in it.",
          .hint =
              "One space ends the number of the mailbox; what follows is the text. A client that "
              "splits the line into words puts it together with other spaces.",
          .function = "dipc::Client::run") {
  ReferenceDipc dipc;
  DipcPeer bob = dipc.quiet_client();
  Typist ann(dipc.port());
  for (const char* text :
       {"two  spaces", "  in front", "behind  ", "r 0", "q", "\xc3\xa4 \t write 1 x"}) {
    ann.type(std::string("write 2 ") + text + "\n");
    ann.expect("ok\n");
    bob.require_read(2, text);
  }
}

KIT_CHECK(
    Client, PrintsDataToTheByte,
    .why = "A mailbox may hold any bytes: newlines, a NUL, what looks like an answer.",
    .hint =
        "The length in the status line says how many bytes are data. fputs and \"%s\" stop at "
        "a NUL.",
    .function = "dipc::Client::run") {
  ReferenceDipc dipc;
  DipcPeer bob = dipc.quiet_client();
  Typist ann(dipc.port());
  for (const std::string& data :
       {std::string("a\0b\r\n\xff\n", 7), std::string("ok 0\nerr timeout\n"), std::string(" ")}) {
    bob.require_write(0, data);
    did("another client wrote " + in_quotes(data) + " to mailbox 0");
    ann.type("read 0\n");
    ann.expect(data + "\n");
  }
}

KIT_CHECK(Client, CarriesLongTexts,
          .why = "A text may be longer than any buffer that one would think of.",
          .hint =
              "Receive in a loop until all the bytes of the answer have come; send in a loop until "
              "all have gone. A line of the input may be long, too.",
          .function = "dipc::Client::run") {
  ReferenceDipc dipc({1, 200, 200});
  const std::string text = long_text(200'000);
  Typist ann(dipc.port());
  ann.type("write 0 " + text + "\nread 0\n");
  ann.expect("ok\n" + text + "\n");
}

KIT_CHECK(Client, ShowsWhatTheServerRefuses,
          .why = "Who is not told that a write was refused believes that it was done.",
          .hint = "Print the server's line as it is, and go on with the next command.",
          .function = "dipc::Client::run") {
  ReferenceDipc dipc;
  Typist ann(dipc.port());
  ann.type("read 99\n");
  ann.expect("err no-such-mailbox\n");
  ann.type("write 99 hello\n");
  ann.expect("err no-such-mailbox\n");
  ann.type("write 0 " + std::string(1025, 'x') + "\n");
  ann.expect("err too-big\n");
  ann.type("write 0 fine\nread 0\n");
  ann.expect("ok\nfine\n");
}

KIT_CHECK(Client, RefusesWhatIsNoCommand,
          .why =
              "A typing error gets a line like every command. Sent on as it is, it could be "
              "something else to the server.",
          .hint = "Check the command and the mailbox's number; for the rest print err bad-request.",
          .function = "dipc::Client::run") {
  ReferenceDipc dipc;
  Typist ann(dipc.port());
  for (const char* line :
       {"hello", "read", "read one", "write", "write one text", "READ 0", "r 0", "reading 0"}) {
    ann.type(std::string(line) + "\n");
    ann.expect("err bad-request\n");
  }
  ann.type("write 0 fine\nread 0\n");
  ann.expect("ok\nfine\n");
}

KIT_CHECK(Client, EndsAtQuit, .why = "After quit, nothing more is carried out.",
          .hint = "Say q to the server, and end with status 0, though there is more input.",
          .function = "dipc::Client::run") {
  ReferenceDipc dipc;
  Typist ann(dipc.port());
  ann.type("write 0 before\nquit\nwrite 0 after\n");
  ann.expect("ok\n");
  ann.expect_end();
  dipc.quiet_client().require_read(0, "before");
}

KIT_CHECK(Client, EndsAtTheEndOfItsInput,
          .why = "`printf 'write 0 hello' | dipc_client --port P` must do it, and end.",
          .hint =
              "The end of the input is a quit. The last line counts, with or without a newline, "
              "and its answer is printed before the end.",
          .function = "dipc::Client::run") {
  ReferenceDipc dipc;
  Typist ann(dipc.port());
  ann.type("write 0 hello\nread 0");
  ann.end_input();
  ann.expect("ok\nhello\n");
  ann.expect_end();
  Typist bob(dipc.port());
  bob.end_input();
  bob.expect_end();
}

KIT_CHECK(Client, FindsItsServerByName,
          .why =
              "People know names, not addresses; and one name may have several addresses, of which "
              "the first need not be the right one.",
          .hint =
              "getaddrinfo(3) gives a list. When the first address refuses, try the next. Without "
              "--host it is localhost.",
          .function = "dipc::Client::Client") {
  ReferenceDipc dipc;
  const std::string port = std::to_string(dipc.port());
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"--port", port}, {"--host", "localhost", "--port", port}}) {
    Typist ann(args, dipc.port());
    ann.type("read 0\n");
    ann.expect("\n");
  }
}

KIT_CHECK(
    Client, TellsThatTheServerHasGone,
    .why = "Who types into a client whose server has gone must be told.",
    .hint =
        "An answer that does not come because the connection has ended is an error: a message "
        "on standard error, exit status 1. To write to such a connection raises SIGPIPE, "
        "which ends a program without a word.",
    .function = "dipc::Client::run") {
  for (const char* command : {"read 0\n", "write 0 hello\nwrite 0 hello\nwrite 0 hello\n"}) {
    forget_did();
    ReferenceDipc dipc;
    Typist ann(dipc.port());
    ann.type("read 0\n");
    ann.expect("\n");
    dipc.require_end(SIGTERM);
    ann.type(command);
    ann.expect_told_failure("the server has gone");
  }
}

KIT_CHECK(
    Client, TellsThatNobodyListens,
    .why = "A wrong port is the first mistake that everybody makes.",
    .hint = "connect(2) says what is wrong: print it on standard error, and exit with status 1.",
    .function = "dipc::Client::Client") {
  const std::uint16_t port = local_port(box().listen({}).get());
  Typist ann(port);
  ann.expect_told_failure("nobody listens on the port");
}

KIT_CHECK(Client, RefusesBadArguments,
          .why = "A typing error in an option must not be taken for something else in silence.",
          .hint = "Check each number's whole text and its limits; say which argument is wrong.",
          .function = "main") {
  const std::vector<std::vector<std::string>> wrong = {
      {}, {"--port"}, {"--port", "abc"}, {"--port", "70000"}, {"--port", "1", "--colour", "red"}};
  for (const std::vector<std::string>& args : wrong) {
    forget_did();
    Typist(args).expect_told_failure("the arguments are wrong");
  }
}

// The check plays the server: it takes one connection.
TcpPeer& accept_client(const UniqueFd& listener) {
  try {
    return g_check->peers.emplace_back(accept_tcp(listener.get(), deadline()), "dipc_client");
  } catch (const Timeout&) {
    fail_hung("dipc_client connects to its port");
  }
}

KIT_CHECK(Client, TakesAnswersInAnyPieces,
          .why = "TCP carries bytes: an answer may come in ten pieces, or two answers in one.",
          .hint =
              "What recv(2) gives may end anywhere, in the middle of the status line or of the "
              "data. Keep what is not whole, and what is too much.",
          .function = "dipc::Client::run") {
  // Single bytes may have become one segment again by the time they are read: reads that give less
  // than there is make sure of the pieces.
  constexpr int kPauseMs = 30;
  StartOptions options;
  options.env["KIT_SHORT_IO"] = "80";
  const UniqueFd listener = box().listen({});
  Typist ann(local_port(listener.get()), options);
  did("the check plays the server; its answers come byte by byte");
  TcpPeer& server = accept_client(listener);
  ann.type("read 0\n");
  server.send_bytewise("ok 12\nhello\nworld\n", deadline());
  ann.expect("hello\nworld\n\n");
  did("then in four pieces, with pauses between them");
  for (const std::size_t size : {300, 700, 1100}) {
    const std::string text = long_text(size);
    const std::string answer = "ok " + std::to_string(size) + "\n" + text;
    ann.type("read 0\n");
    server.send_pieces(
        {answer.substr(0, 4), answer.substr(4, 20), answer.substr(24, 100), answer.substr(124)},
        kPauseMs, deadline());
    ann.expect(text + "\n");
  }
  ann.type("read 7\n");
  server.send_bytewise("err no-such-mailbox\n", deadline());
  ann.expect("err no-such-mailbox\n");
}

KIT_CHECK(Client, TellsThatAnAnswerWasCutOff,
          .why = "Half of a mailbox must not look like all of it.",
          .hint =
              "The end of the stream before the announced bytes have come is an error, with a "
              "message and a status that is not 0.",
          .function = "dipc::Client::run") {
  for (const char* half : {"ok 10\nhalf", "ok 1", "err no-such"}) {
    forget_did();
    const UniqueFd listener = box().listen({});
    Typist ann(local_port(listener.get()));
    TcpPeer& server = accept_client(listener);
    ann.type("read 0\n");
    static_cast<void>(server.read_line(deadline()));
    server.send_all(half, deadline());
    did("the server said " + in_quotes(half) + ", and ended the connection");
    server.close();
    ann.expect_told_failure("the answer was cut off");
  }
}

}  // namespace
}  // namespace kit::dipc_lab
