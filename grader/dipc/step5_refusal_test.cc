// Step 5: a start that cannot be is told, and leaves nothing behind.
#include <signal.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "grader/dipc/daemons.h"
#include "grader/dipc/dipc_peer.h"
#include "grader/dipc/left_objects.h"
#include "grader/dipc/running_dipc.h"
#include "grader/harness/check.h"
#include "grader/harness/quote.h"
#include "grader/harness/tcp_socket.h"

namespace kit::dipc_lab {
namespace {

using Words = std::vector<std::string>;

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// Whether the message speaks of the thing: one of these words is enough.
bool names_one_of(const std::string& message, const Words& words) {
  const std::string text = lower(message);
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return text.find(lower(word)) != std::string::npos;
  });
}

// `words`: what a message that names the trouble could say.
void require_refused(const Words& args, std::uint16_t port, const std::string& trouble,
                     const Words& words) {
  const Ended ended = run_to_end("dipc", args, port);
  require(ended.exit.signal == 0 && ended.exit.status == 1, "dipc ends with exit status 1",
          "it ended with " + render(ended.exit) +
              (ended.err.empty() ? "" : ", and said " + varies(in_quotes(ended.err))));
  require(names_one_of(ended.err, words), "a message on standard error that names " + trouble,
          ended.err.empty() ? "there is none" : varies(in_quotes(ended.err)));
}

// The same of a start with nothing else running.
void require_nothing_started(const Words& args, std::uint16_t port, const std::string& trouble,
                             const Words& words) {
  forget_did();
  require_refused(args, port, trouble, words);
  wait_for_daemons(0, "no process is left when the start has failed");
  require_no_objects("when the start has failed");
  require(!is_served(port), "nobody listens on the port when the start has failed",
          "somebody does");
}

KIT_CHECK(Start, RefusesNumbersThatCannotBe,
          .why =
              "atoi() makes 0 of `ten` and something else of `99999999999`. A server with other "
              "mailboxes than the ones asked for is worse than none.",
          .hint =
              "The whole text must be digits, and the number within its limits: at least one "
              "mailbox, a size of at least one kbyte, a port up to 65535.",
          .function = "dipc::parse_arguments") {
  const DaemonsEnd end;
  const std::uint16_t port = free_port();
  static constexpr const char* kNames[] = {"mailboxes", "size of mailbox", "port",
                                           "size of packet"};
  for (const char* wrong : {"0", "-1", "ten", "4x", "", "1.5", "0x10", "99999999999999999999999"}) {
    for (int place = 0; place < 4; ++place) {
      // Port 0 takes a free one. Where that is for --foreground only is left open.
      if (place == 2 && std::string(wrong) == "0") continue;
      Words args = dipc_args({}, port);
      args[place] = wrong;
      if (std::string(wrong) == "-1") args.insert(args.begin(), "--");
      Words words = {kNames[place], "mailbox", "packet", "port", "size", "number", "usage"};
      if (wrong[0] != '\0') words.push_back(wrong);
      require_nothing_started(args, port, "the argument that is wrong", words);
    }
  }
  Words args = dipc_args({}, port);
  args[2] = "65536";
  require_nothing_started(args, port, "the port", {"port", "65536", "usage"});
}

KIT_CHECK(Start, RefusesAWrongNumberOfArguments,
          .why = "A forgotten number shifts the others: the port becomes a size.",
          .hint = "Four numbers beside the options, no more and no fewer. Say what is expected.",
          .function = "dipc::parse_arguments") {
  const DaemonsEnd end;
  const std::uint16_t port = free_port();
  const std::string text = std::to_string(port);
  const Words usage = {"usage", "argument", "number", "mailbox", "option", "packet"};
  for (const Words& args : {Words{}, Words{"4", "1", text}, Words{"4", "1", text, "1", "5"}}) {
    require_nothing_started(args, port, "what is missing or too much", usage);
  }
  for (const Words& options :
       {Words{"--colour"}, Words{"--pause-ms", "soon"}, Words{"--lock-timeout-ms", "-5"},
        Words{"--data-timeout-ms", "1s"}, Words{"--log"}}) {
    Words words = usage;
    words.push_back(options[0].substr(2));
    require_nothing_started(dipc_args({}, port, options), port, "the option", words);
  }
}

KIT_CHECK(Start, TellsThatMemoryCannotBeHad,
          .why =
              "ftruncate() grants any size, and a page that is not there when it is first written "
              "to ends the server with SIGBUS, in the middle of a client's work.",
          .hint =
              "posix_fallocate() reserves the memory, or fails with ENOSPC at the start. The "
              "product of count and size may be too large for 64 bits.",
          .function = "dipc::MailboxStore::create") {
  const DaemonsEnd end;
  const std::uint16_t port = free_port();
  const Words words = {"memory",   "shm",  "space", "mailbox", "large", "size",
                       "allocate", "huge", "limit", "big",     "store", "much"};
  const std::string text = std::to_string(port);
  for (const Words& args :
       {Words{"1000000", "1000000", text, "1"}, Words{"900000000", "4194304", text, "1"},
        Words{"1", "900000000000", text, "1"},
        Words{"999999999", "18014398509481984", text, "1"}}) {
    require_nothing_started(args, port, "the memory", words);
  }
  did("then started a server with mailboxes that can be had");
  start_daemon(port);
  client_of(port).require_read(0, "");
}

KIT_CHECK(Start, TellsThatThePortIsTaken,
          .why = "The port may be somebody else's, who knows nothing of DIPC.",
          .hint =
              "Bind the port before you make the shared memory, and remove what was made when the "
              "rest fails. The daemon reports what went wrong to the process that was started.",
          .function = "dipc::Server::Server") {
  const DaemonsEnd end;
  const UniqueFd listener = box().listen({});
  const std::uint16_t port = local_port(listener.get());
  note_varying(std::to_string(port));
  did("another program listens on port " + std::to_string(port));
  const Words words = {"in use", "bind", "port", std::to_string(port), "EADDRINUSE"};
  require_refused(dipc_args({}, port), port, "the port", words);
  wait_for_daemons(0, "no process is left when the start has failed");
  require_no_objects("when the start has failed");
  require_refused(dipc_args({}, port, {"--foreground"}), port, "the port", words);
  require_no_objects("when the start has failed");
}

KIT_CHECK(Start, HarmsNoServerThatRuns,
          .why =
              "Started a second time by mistake, dipc must not take the mailboxes away from the "
              "server that runs, nor from its clients.",
          .hint =
              "Whose port is taken must not touch the shared memory: bind first. And an object "
              "whose owner lives is left as it is.",
          .function = "dipc::Server::Server") {
  const DaemonsEnd end;
  const std::uint16_t port = free_port();
  start_daemon(port);
  DipcPeer ann = client_of(port);
  ann.require_write(0, "precious");
  const std::vector<std::string> objects = object_files();
  const Words words = {
      "in use", "bind", "port", "runs", "running", "already", std::to_string(port)};
  require_refused(dipc_args({}, port), port, "the port", words);
  require_refused(dipc_args({8, 4, 4}, port), port, "the port", words);
  require_refused(dipc_args({}, port, {"--foreground"}), port, "the port", words);
  require(object_files() == objects, "the first server's shared memory keeps its name",
          "it has none any more, or there is another one");
  ann.require_read(0, "precious");
  ann.require_write(1, "still here");
  DipcPeer bob = client_of(port);
  bob.require_read(0, "precious");
  bob.require_read(1, "still here");
}

KIT_CHECK(Start, TellsThatTheLogCannotBeOpened,
          .why = "A daemon whose log is nowhere is found out when it is needed.",
          .hint = "Open the log before the start is reported, and say which file it was.",
          .function = "dipc::Log::to_file") {
  const DaemonsEnd end;
  const std::uint16_t port = free_port();
  for (const char* path : {"no-such-folder/dipc.log", "/proc/no-such-file", "."}) {
    require_nothing_started(dipc_args({}, port, {"--log", path}), port, "the log", {path, "log"});
  }
}

KIT_CHECK(
    Start, TellsThatTheAddressCannotBeBound,
    .why = "`--bind` says who may connect. A typing error in it must not open the door wider.",
    .hint = "Only an address of this machine can be bound.", .function = "dipc::Server::Server") {
  const DaemonsEnd end;
  const std::uint16_t port = free_port();
  for (const char* address : {"no-address", "127.0.0.256", "192.0.2.1"}) {
    require_nothing_started(dipc_args({}, port, {"--bind", address}), port, "the address",
                            {address, "bind", "address"});
  }
  start_daemon(port, {}, {"--bind", "0.0.0.0"});
  client_of(port).require_read(0, "");
}

KIT_CHECK(Start, WorksManyServersSideBySide,
          .why = "Two servers on two ports have nothing to do with each other.",
          .hint = "The name of the shared memory comes from the port.",
          .function = "dipc::MailboxStore::name_of") {
  const DaemonsEnd end;
  const std::uint16_t one = free_port();
  start_daemon(one);
  const std::uint16_t other = free_port();
  const Ended ended = run_to_end("dipc", dipc_args({}, other), other);
  require(ended.exit.clean(), "a second server starts on another port",
          render(ended.exit) + ": " + shortened(ended.err));
  client_of(one).require_write(0, "one");
  client_of(other).require_read(0, "");
  client_of(other).require_write(0, "other");
  client_of(one).require_read(0, "one");
}

}  // namespace
}  // namespace kit::dipc_lab
