// Step 4: a server beside others, and its end.
#include <signal.h>

#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/peer_error.h"
#include "grader/registration_server/instance.h"
#include "grader/registration_server/running_server.h"
#include "grader/registration_server/shared_notes.h"

namespace kit::registration_lab {
namespace {

KIT_CHECK(Server, RunsBesideOthers,
          .why = "Instances are there to be apart: a server for testing beside the real one.",
          .hint = "The names of all objects have the instance in them.",
          .function = "registration::Server::Server") {
  RunningServer one;
  RunningServer two;
  const WireClientPtr ann = registered(one, "ann");
  const WireClientPtr other_ann = registered(two, "ann");
  const WireClientPtr bob = registered(two, "bob");
  require_equal("the list of the first", list_of(*ann), "ann ");
  require_equal("the list of the second", list_of(*bob), "ann bob ");
  one.require_end(SIGTERM);
  require_equal("the list of the second", list_of(*other_ann), "ann bob ");
}

KIT_CHECK(Server, HarmsNoServerThatRuns,
          .why = "Started twice, the second one must not take the clients from the first.",
          .hint = "ObjectExists ends the program with status 1 and one line on standard error.",
          .function = "registration::Server::Server") {
  RunningServer server;
  const WireClientPtr ann = registered(server, "ann");
  did("started registration_server again, for the same instance");
  Process& second = box().start("registration_server", {"--instance", server.instance()});
  const std::optional<Exit> exit = second.wait(deadline());
  if (!exit) fail_hung("the second server ends");
  require_equal("how the second server ends", render(*exit), render(Exit{1, 0}));
  require(!second.err().empty(), "it says why on standard error", "it says nothing");
  const WireClientPtr bob = registered(server, "bob");
  require_equal("the list of the first server", list_of(*ann), "ann bob ");
}

KIT_CHECK(Server, RefusesBadArguments, .why = "A mistake on the command line is told, not guessed.",
          .hint = "Exit status 2 and the usage on standard error.",
          .function = "registration::Server::Server") {
  for (const std::vector<std::string>& args : std::vector<std::vector<std::string>>{
           {"--max-clients", "0"}, {"--max-clients", "257"}, {"--instance", "a/b"}, {"more"}}) {
    std::string command = "registration_server";
    for (const std::string& arg : args) command += ' ' + arg;
    did(command);
    Process& server = box().start("registration_server", args);
    const std::optional<Exit> exit = server.wait(deadline());
    if (!exit) fail_hung(command + " ends");
    require_equal("how `" + command + "` ends", render(*exit), render(Exit{2, 0}));
  }
}

// A client that waits for an answer hears that there will be none, or gets it.
void finish_or_close(WireClient& client) {
  try {
    client.finish();
  } catch (const PeerClosed&) {
  }
}

KIT_CHECK(
    Server, EndsOnASignal,
    .why = "Who stops a server expects it to tell its clients, and to leave nothing behind.",
    .hint = "Close all channels, join all threads, remove all objects; the connect channel last.",
    .function = "registration::Server::stop") {
  for (const int signal : {SIGINT, SIGTERM}) {
    forget_did();
    RunningServer server;
    const WireClientPtr ann = registered(server, "ann");
    const WireClientPtr bob = registered(server, "bob");
    did("ann waits for an answer of the server, which was stopped");
    server.suspend();
    ann->begin([](wire::CommRequest& request) { request.action = Action::kStats; });
    server.process().signal(signal);
    server.process().signal(SIGCONT);
    server.require_end(signal);
    finish_or_close(*ann);
    ann->await_close();
    bob->await_close();
    require(ann->connect().header.state.load() == wire::ObjectState::kClosed,
            "the connect channel is closed", "its state is another one");
    require(bob->is_woken(), "a client that waits is woken, too", "`answered` was not posted");
  }
}

KIT_CHECK(Server, EndsUnderLoad, .why = "It is ended when it is used, not when it is convenient.",
          .hint = "Who waits must be woken: each worker, and each client.",
          .function = "registration::Server::stop") {
  RunningServer server;
  SharedNotes<1> notes;
  did("4 clients ask without end, and the server gets SIGTERM");
  in_parallel(5, [&](int i) {
    if (i == 4) {
      notes.meet(5, deadline());
      server.require_end(SIGTERM);
      return;
    }
    const WireClientPtr client = registered(server, "c" + std::to_string(i));
    notes.meet(5, deadline());
    try {
      for (;;) client->ask(Action::kStats);
    } catch (const PeerClosed&) {
    }
  });
}

}  // namespace
}  // namespace kit::registration_lab
