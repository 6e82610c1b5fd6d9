// Step 6: what is left of those who were killed.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "grader/harness/asleep.h"
#include "grader/harness/check.h"
#include "grader/harness/holdings.h"
#include "grader/harness/peer_error.h"
#include "grader/harness/poll.h"
#include "grader/registration_server/instance.h"
#include "grader/registration_server/running_server.h"
#include "grader/registration_server/typist.h"

namespace kit::registration_lab {
namespace {

// A second, or what that is here and now.
Deadline a_second() {
  return deadline().but_at_most_ms(static_cast<std::int64_t>(1000 + 2000 * slowness()));
}

// Waits until there are so many objects: the connect channel's, and one for each client.
void require_clients_left(const RunningServer& server, std::size_t clients,
                          const std::string& when) {
  const bool is_so =
      poll_until(a_second(), [&] { return object_files(server.instance()).size() <= clients + 1; });
  if (is_so) return;
  std::string list;
  for (const std::string& file : object_files(server.instance())) list += "\n" + file;
  fail("the channels of the dead are removed within a second " + when,
       "there are still:" + varies(list), kit::Status::kLeaked);
}

constexpr char kWhyDeath[] =
    "Who is killed says nothing. If nobody notices, name, channel, thread and seat are lost until "
    "the server is restarted.";

KIT_CHECK(Death, FreesNameAndChannel, .why = kWhyDeath,
          .hint =
              "Look every kDeathCheckMs whose presence can be had, and also when a name or a seat "
              "is wanted that a dead one has.",
          .function = "registration::Server::run") {
  RunningServer server;
  const WireClientPtr bob = registered(server, "bob");
  const Holdings before = holdings_of(server.server());
  for (const bool is_asked_for_at_once : {true, false}) {
    Typist ann(server.instance(), "ann");
    ann.read_key();
    did("killed registration_client");
    ann.process().kill();
    if (is_asked_for_at_once) {
      require_ok("the answer to UNREGISTER", registered(server, "ann")->ask(Action::kUnregister));
    }
    require_clients_left(server, 1, "after a client was killed");
  }
  require_equal("the clients in the list", std::to_string(bob->ask(Action::kList).clients.size()),
                "1");
  require_back(server.server(), before, {.threads = 0});
  require_equal("the clients that have left", std::to_string(server.summary().left_clients), "3");
}

KIT_CHECK(
    Death, WithTheLockStopsNobody,
    .why = "SIGKILL may come between any two stores, also while everybody waits for this one.",
    .hint =
        "The mutex is robust and the ids tell what is unfinished. Whoever was registered by a "
        "request whose client is dead is dead, too.",
    .function = "registration::Server::run") {
  RunningServer server;
  const WireClientPtr bob = registered(server, "bob");
  using Stage = WireClient::Stage;
  for (const Stage stage : {Stage::kMutex, Stage::kSeat, Stage::kFilled, Stage::kAsked,
                            Stage::kPosted, Stage::kAnswered}) {
    forget_did();
    did("a client dies at stage " + std::to_string(static_cast<int>(stage)) +
        " of its registration");
    in_one_that_dies([&] {
      WireClient client(server.instance(), deadline());
      client.enroll_until("dead", stage);
      ::kill(::getpid(), SIGKILL);  // with all that it holds
    });
    const WireClientPtr cid = registered(server, "cid");
    const WireClientPtr dead = registered(server, "dead");
    require_equal("the clients in the list", std::to_string(bob->ask(Action::kList).clients.size()),
                  "3");
    require_ok("the answer to UNREGISTER", dead->ask(Action::kUnregister));
    require_ok("the answer to UNREGISTER", cid->ask(Action::kUnregister));
  }
  did("a client dies while it waits for an answer on its comm channel");
  in_one_that_dies([&] {
    WireClient client(server.instance(), deadline());
    client.enroll("dead");
    client.begin([](wire::CommRequest& request) { request.action = Action::kStats; });
    ::kill(::getpid(), SIGKILL);
  });
  require_clients_left(server, 1, "after a client was killed");
  server.require_end(SIGTERM);
}

// A client that registers, asks and leaves, again and again, and is killed somewhere in it.
void kill_at_random(const std::string& instance, const std::string& name) {
  const pid_t child = ::fork();
  if (child < 0) fail_not_gradable("fork() failed");
  if (child == 0) {
    try {
      for (;;) {
        WireClient client(instance, deadline());
        if (client.enroll(name) != Status::kOk) continue;
        client.ask(Action::kStats);
        if (client.key() % 2 == 0) client.ask(Action::kUnregister);
      }
    } catch (...) {
      ::_exit(1);
    }
  }
  static_cast<void>(::usleep(static_cast<useconds_t>(random()() % 4000)));
  ::kill(child, SIGKILL);
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
}

KIT_CHECK(Death, IsNoticedByNobodyElse,
          .why = "Others must not even be slowed down by one who dies.",
          .hint = "What a dead client has left is put right by the next one, and by the server.",
          .function = "registration::Server::run") {
  constexpr int kDeaths = 10;
  RunningServer server;
  const WireClientPtr ann = registered(server, "ann");
  const WireClientPtr bob = registered(server, "bob");
  did("10 clients are killed at random instants, while ann and bob talk");
  in_parallel(2, [&](int i) {
    for (int n = 0; i == 0 && n < 300; ++n) {
      require_ok("the answer to SEND", ann->send(bob->key(), "m" + std::to_string(n)));
      require_equal("what bob receives", render(bob->ask(Action::kReceive)),
                    "ok: m" + std::to_string(n) + ", from ann");
    }
    for (int n = 0; i == 1 && n < kDeaths; ++n) kill_at_random(server.instance(), "dead");
  });
  require_clients_left(server, 2, "after clients were killed");
  const WireClientPtr dead = registered(server, "dead");
  require_equal("the clients in the list", std::to_string(bob->ask(Action::kList).clients.size()),
                "3");
  require_ok("the answer to UNREGISTER", dead->ask(Action::kUnregister));
  const Summary summary = server.summary();
  require_equal("the total", std::to_string(summary.total), std::to_string(summary.sum()));
  server.require_end(SIGTERM);
}

KIT_CHECK(Death, OfTheServerIsToldToItsClients,
          .why = "A client that waits for a dead server waits for ever.",
          .hint = "Every kLifeCheckMs: can server_life be had?",
          .function = "registration::ConnectClient::is_server_gone") {
  RunningServer server;
  Typist ann(server.instance(), "ann");
  ann.read_key();
  Typist bob(server.instance(), "bob");
  bob.read_key();
  did("stopped the server; then ann asks for something, and another client registers");
  server.suspend();
  ann.type("stats\n");
  Typist cid(server.instance(), "cid");
  server.kill();
  for (Typist* client : {&ann, &cid}) {
    client->expect_line("server-gone");
    client->expect_exit(4);
  }
  bob.end_input();
  bob.expect_line("server-gone");
  bob.expect_exit(4);
}

KIT_CHECK(Death, OfTheServerIsClearedUpByTheNext,
          .why = "A server that was killed cannot clear up. The next one must start all the same.",
          .hint =
              "An object whose file lock can be had is a dead one's. Its seats tell which channels "
              "it had; the connect channel itself goes last.",
          .function = "registration::remove_stale") {
  const std::string instance = fresh_instance();
  for (int i = 0; i < 2; ++i) {
    RunningServer server(instance, {});
    const WireClientPtr ann = registered(server, "ann");
    const WireClientPtr bob = registered(server, "bob");
    require_equal("the objects", std::to_string(object_files(instance).size()), "3");
    server.process().kill();  // nothing is put away here
    did("killed the server, and started the next one");
    RunningServer next(instance, {});
    require_equal("the objects of the next server", std::to_string(object_files(instance).size()),
                  "1");
    const WireClientPtr other = registered(next, "ann");
    require_equal("the clients in the list",
                  std::to_string(other->ask(Action::kList).clients.size()), "1");
    if (i == 0) next.process().kill();
    if (i == 1) next.require_end(SIGTERM);
  }
}

KIT_CHECK(
    Death, OfAllLeavesNothing,
    .why = "Even when everything dies at once, the next server and its end put it right.",
    .hint = "Write down what you make before you make it, and strike it out after it is gone.",
    .function = "registration::remove_stale") {
  const std::string instance = fresh_instance();
  for (int i = 0; i < 4; ++i) {
    RunningServer server(instance, {});
    std::vector<pid_t> children;
    for (int n = 0; n < 3; ++n) {
      const pid_t child = ::fork();
      if (child > 0) children.push_back(child);
      if (child != 0) continue;
      try {
        for (;;) {
          WireClient client(instance, deadline());
          client.enroll("c" + std::to_string(n));
          client.ask(n == 0 ? Action::kStats : Action::kUnregister);
        }
      } catch (...) {
        ::_exit(1);
      }
    }
    static_cast<void>(::usleep(static_cast<useconds_t>(random()() % 5000)));
    server.process().kill();
    for (const pid_t child : children) ::kill(child, SIGKILL);
    for (const pid_t child : children) {
      while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
      }
    }
  }
  did("4 times, a server and 3 clients were killed at a random instant");
  RunningServer last(instance, {});
  require_equal("the objects of the next server", std::to_string(object_files(instance).size()),
                "1");
  require_ok("the answer to UNREGISTER", registered(last, "ann")->ask(Action::kUnregister));
  last.require_end(SIGTERM);
}

}  // namespace
}  // namespace kit::registration_lab
