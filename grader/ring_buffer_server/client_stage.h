// A stage for ring_client: the check plays the server and the person at the keyboard.
//
//     ClientStage stage;
//     stage.start({"--name", "ann"});
//     stage.welcome();
//     stage.type("GET\n");
//     stage.expect_line("GET");
//     stage.say("EMPTY\n");
//     stage.expect_printed();
//
// What a client prints of the handshake (the greeting, WELCOME) is its own affair, so it is left
// out wherever the output is looked at. QUIT and the end of the stream are both good ways to say
// goodbye.
//
// Ownership: the programs belong to the box, the connection to the running check; so a finding
// shows what was said on it. A stage that ends without a verdict takes its connection with it.
// Thread-safety: one thread. The connection itself may be handed to another one meanwhile.
// Errors: each function ends the check with a verdict when ring_client does not do what it should.
#ifndef GRADER_RING_BUFFER_SERVER_CLIENT_STAGE_H_
#define GRADER_RING_BUFFER_SERVER_CLIENT_STAGE_H_

#include <string>
#include <vector>

#include "grader/harness/box.h"
#include "grader/harness/tcp_peer.h"

namespace kit::ring_lab {

class ClientStage {
 public:
  // Listens on the loopback address. `receive_buffer_bytes`: as in TcpOptions.
  explicit ClientStage(int receive_buffer_bytes = 0);
  ~ClientStage();
  ClientStage(const ClientStage&) = delete;
  ClientStage& operator=(const ClientStage&) = delete;

  // Starts ring_client with these arguments, and with --host 127.0.0.1 unless they have a host.
  void start(std::vector<std::string> args, StartOptions options = {});

  // Waits until it has connected. Two steps, for who wants to put something in between.
  UniqueFd accept_socket();
  TcpPeer& accept(UniqueFd socket);
  TcpPeer& accept() { return accept(accept_socket()); }

  // Greets and returns the line that the client answers.
  std::string greet();
  // The whole handshake: accepts (when that is not done), greets, welcomes. `more`: replies that
  // come in one piece with the welcome.
  TcpPeer& welcome(const std::string& more = "");

  const std::string& nonce() const { return nonce_; }
  // The first two lines that a server says, for checks that send them in their own way.
  std::string greeting() const { return "RING/1 " + nonce_ + "\n"; }
  std::string welcome_line() const { return "WELCOME 1\n"; }

  // The person types. close_typing() is what Ctrl-D does.
  void type(const std::string& text);
  void close_typing();
  // Types a SETB so large that the client cannot get rid of it while the server reads nothing.
  void type_more_than_it_takes();

  // The server receives this, and then the end of a line.
  void expect_line(const std::string& line);
  void expect_bytes(const std::string& bytes);

  // The server says this; what it said all in all must stand on the client's standard output.
  void say(const std::string& text);
  void said(const std::string& text) { said_ += text; }  // it was sent by other means
  void expect_printed();

  // The client says goodbye; returns whether by QUIT. The server then lets it go, with BYE after a
  // QUIT.
  bool expect_goodbye();
  void let_go(bool with_bye);

  // The client ends with status 0; or with 1 and one line on standard error, since `what_happened`.
  void expect_success();
  void expect_told_failure(const std::string& what_happened);

  // Leaves what is said on the connection out of a finding: too much, and never twice the same.
  void keep_quiet() { is_quiet_ = true; }

  Process& client() { return *client_; }
  TcpPeer& server();  // the server's end of the connection
  std::uint16_t port() const;

 private:
  std::string printed() const;
  void require_printed(const std::string& expected, bool has_ended);
  std::string received_line(const std::string& what);

  UniqueFd listener_;
  std::string nonce_;
  Process* client_ = nullptr;
  TcpPeer* server_ = nullptr;
  std::string said_;          // since WELCOME
  std::size_t verified_ = 0;  // how much of it was seen to be printed
  bool is_quiet_ = false;
};

}  // namespace kit::ring_lab

#endif  // GRADER_RING_BUFFER_SERVER_CLIENT_STAGE_H_
