// Step 5: the client at the keyboard.
#include <signal.h>

#include <string>
#include <utility>
#include <vector>

#include "grader/harness/check.h"
#include "grader/registration_server/instance.h"
#include "grader/registration_server/running_server.h"
#include "grader/registration_server/typist.h"

namespace kit::registration_lab {
namespace {

KIT_CHECK(
    Client, SendsAndReceives, .why = "With two of them and a server, two people can talk.",
    .hint =
        "The key first; then one line for each command, flushed: who started it may wait for it.",
    .function = "registration::Console::run") {
  RunningServer server;
  Typist ann(server.instance(), "ann");
  const std::string ann_key = ann.read_key();
  Typist bob(server.instance(), "bob");
  const std::string bob_key = bob.read_key();
  ann.ask("receive", "empty");
  ann.ask("send " + bob_key + " hello bob", "ok");
  ann.ask("send " + bob_key + "  two spaces  ", "ok");
  bob.ask("receive", "message " + ann_key + " ann hello bob");
  bob.ask("send " + ann_key + " hi", "ok");
  bob.ask("receive", "message " + ann_key + " ann  two spaces  ");
  ann.ask("receive", "message " + bob_key + " bob hi");
  ann.ask("receive", "empty");
}

KIT_CHECK(Client, PrintsOneLineForEachAnswer,
          .why = "A script reads it: one line in, one line out, always.",
          .hint = "Look at console.h for the lines. What is no command does not go to the server.",
          .function = "registration::Console::run") {
  RunningServer server;
  Typist bob(server.instance(), "bob");
  const std::string bob_key = bob.read_key();
  Typist ann(server.instance(), "ann");
  const std::string ann_key = ann.read_key();
  ann.ask("list", "clients 2 ann=" + ann_key + " bob=" + bob_key);
  ann.ask("stats", "stats requests=3 total=4 clients=2 waiting=0");
  ann.ask("send " + bob_key + " " + std::string(1024, 'x'), "ok");
  ann.ask("send " + bob_key + " " + std::string(1025, 'x'), "too-long");
  ann.ask("send 0123456789abcdef hello", "no-such-client");
  ann.ask("send nobody hello", "no-such-client");
  ann.ask("send " + bob_key, "bad-request");
  ann.ask("hello", "bad-command");
  ann.ask("", "bad-command");
  ann.ask("list all", "bad-command");
  ann.ask("LIST", "bad-command");
  ann.ask("stats", "stats requests=9 total=10 clients=2 waiting=0");
  bob.ask("stats", "stats requests=2 total=11 clients=2 waiting=1");
}

KIT_CHECK(Client, AsksForItsName, .why = "A person need not know the options.",
          .hint = "The question goes to standard error: standard output is for scripts.",
          .function = "registration::Console::run") {
  RunningServer server;
  Typist ann(server.instance(), std::vector<std::string>{});
  if (!ann.process().wait_for_err("name: ", deadline())) fail_hung("it asks `name: `");
  ann.type("ann\n");
  const std::string key = ann.read_key();
  ann.ask("list", "clients 1 ann=" + key);
}

KIT_CHECK(Client, TellsThatItWasRefused,
          .why = "A script must see from the exit status that nobody was registered.",
          .hint = "The status as the only line, and exit status 3.",
          .function = "registration::Client::enroll") {
  RunningServer server({"--max-clients", "1"});
  const WireClientPtr ann = registered(server, "ann");
  for (const auto& [name, line] :
       std::vector<std::pair<std::string, std::string>>{{"ann", "name-taken"},
                                                        {"a b", "bad-name"},
                                                        {std::string(33, 'x'), "bad-name"},
                                                        {"bob", "full"}}) {
    Typist other(server.instance(), name);
    other.expect_line(line);
    other.expect_exit(3);
  }
}

KIT_CHECK(Client, TellsThatTheServerIsGone,
          .why = "Nobody should sit before a client that waits for a server which is not there.",
          .hint =
              "`server-gone` and exit status 4; without a server from the start a message on "
              "standard error, and nothing else.",
          .function = "registration::ConnectClient::is_server_gone") {
  Typist nobody(fresh_instance(), {"--name", "ann", "--wait-ms", "50"});
  nobody.expect_exit(4);
  require(!nobody.process().err().empty(), "a message on standard error", "there is none");
  for (const int signal : {SIGTERM, SIGKILL}) {
    forget_did();
    RunningServer server;
    Typist ann(server.instance(), "ann");
    ann.read_key();
    signal == SIGKILL ? server.kill() : server.require_end(signal);
    ann.type("stats\n");
    ann.expect_line("server-gone");
    ann.expect_exit(4);
  }
}

}  // namespace
}  // namespace kit::registration_lab
