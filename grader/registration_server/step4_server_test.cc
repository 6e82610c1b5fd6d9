// Step 4: the server, and clients that were written against wire.h alone.
#include <signal.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "grader/harness/asleep.h"
#include "grader/harness/check.h"
#include "grader/harness/peer_error.h"
#include "grader/harness/poll.h"
#include "grader/registration_server/instance.h"
#include "grader/registration_server/running_server.h"
#include "grader/registration_server/shared_notes.h"

namespace kit::registration_lab {
namespace {

wire::Stats stats_of(WireClient& client) {
  const Reply reply = client.ask(Action::kStats);
  require_ok("the answer to STATS", reply);
  return reply.stats;
}

KIT_CHECK(Server, RegistersAndServes,
          .why = "A key, a channel of its own, and an answer to each request: that is the server.",
          .hint =
              "REGISTER makes the member, the seat, the channel and its worker, in that order, and "
              "is answered when all of them are there.",
          .function = "registration::Server::start") {
  RunningServer server;
  const WireClientPtr ann = registered(server, "ann");
  require(ann->key() != wire::kNoKey, "a key that is not 0", "the key 0");
  for (std::uint64_t requests = 2; requests < 12; ++requests) {
    const wire::Stats stats = stats_of(*ann);
    require_equal("the requests that STATS tells, itself and REGISTER with them",
                  std::to_string(stats.requests), std::to_string(requests));
    require_equal("its total", std::to_string(stats.total_requests), std::to_string(requests));
  }
  const WireClientPtr bob = registered(server, "bob");
  const wire::Stats stats = stats_of(*bob);
  require_equal("the requests of the second client", std::to_string(stats.requests), "2");
  require_equal("the total", std::to_string(stats.total_requests), "13");
  require_equal("the clients", std::to_string(stats.clients), "2");
  require_equal("the list", list_of(*ann), "ann bob ");
  require(ann->key() != bob->key(), "a key of its own for each client", "the same key twice");
}

KIT_CHECK(Server, ChecksNames, .why = "The server decides, whatever its clients let through.",
          .hint = "The true length is in name_bytes; of a longer one only the beginning has come.",
          .function = "registration::Server::start") {
  RunningServer server;
  const std::string longest(32, 'x');
  const WireClientPtr first = registered(server, longest);
  WireClient other(server.instance(), deadline());
  for (const auto& [name, expected] :
       std::vector<std::pair<std::string, Status>>{{longest, Status::kNameTaken},
                                                   {longest + "x", Status::kBadName},
                                                   {"", Status::kBadName},
                                                   {"a b", Status::kBadName},
                                                   {std::string("a\0b", 3), Status::kBadName},
                                                   {"a\n", Status::kBadName},
                                                   {longest.substr(1), Status::kOk}}) {
    require_status("the answer to REGISTER of " + std::to_string(name.size()) + " bytes",
                   other.enroll(name), expected);
  }
}

KIT_CHECK(Server, HasRoomForItsMaximum,
          .why = "Somebody has said how many clients the server may have: so many, and no more.",
          .hint = "--max-clients goes into the channel, the registry, and nothing else.",
          .function = "registration::Server::start") {
  RunningServer server({"--max-clients", "3"});
  std::vector<WireClientPtr> clients;
  for (const char* name : {"ann", "bob", "cid"}) clients.push_back(registered(server, name));
  WireClient dan(server.instance(), deadline());
  require_equal("max_clients in the connect channel", std::to_string(dan.connect().max_clients),
                "3");
  require_status("the answer to the fourth client", dan.enroll("dan"), Status::kFull);
  require_equal("the list", list_of(*clients[0]), "ann bob cid ");
}

KIT_CHECK(Server, ListsWhoIsThere, .why = "Without the keys of others nobody can send anything.",
          .hint = "All who are registered, in the order of their names, each with its key.",
          .function = "registration::Service::carry_out") {
  RunningServer server;
  std::vector<WireClientPtr> clients;
  std::set<std::pair<std::string, Key>> expected;
  for (int i = 0; i < 30; ++i) {
    const std::string name = "c" + std::to_string(i * 7 % 30);
    clients.push_back(registered(server, name));
    expected.emplace(name, clients.back()->key());
  }
  const auto listed = clients[17]->ask(Action::kList).clients;
  require(std::is_sorted(listed.begin(), listed.end()), "a list in the order of the names",
          "it is in another order: " + varies(list_of(*clients[17])));
  require(std::set(listed.begin(), listed.end()) == expected && listed.size() == 30,
          "the 30 clients that are registered, with their keys",
          varies(std::to_string(listed.size()) + " clients: " + list_of(*clients[17])));
}

// Requests that no action allows, and then those whose numbers are too large.
void ask_nonsense(WireClient& client) {
  for (const std::uint32_t action : {0U, 1U, 7U, 77U, 0xffff'ffffU}) {
    const Reply reply = client.ask(static_cast<Action>(action));
    require_status("the answer to action " + std::to_string(action), reply.status,
                   Status::kBadRequest);
  }
  for (const std::uint32_t bytes : {1025U, 1032U, 65536U, 0x7fff'ffffU, 0xffff'ffffU}) {
    client.exchange([&](wire::CommRequest& request) {
      request.action = Action::kSend;
      request.to = client.key();
      request.text_bytes = bytes;
    });
  }
}

void register_nonsense(WireClient& client) {
  const auto with_seat = [](std::uint32_t seat, Action action) {
    return [=](wire::ConnectRequest& request) {
      request.action = action;
      request.seat = seat;
      request.name_bytes = 3;
      // Nobody's: whether a name or a seat is looked at first is left open.
      std::copy_n("zoe", 3, request.name);
    };
  };
  const Status bad = Status::kBadRequest;
  for (const std::uint32_t seat : {64U, 255U, 256U, 0x8000'0000U, 0xffff'fffeU}) {
    require_status("the answer to REGISTER with seat " + std::to_string(seat),
                   client.connect_exchange(with_seat(seat, Action::kRegister)), bad);
  }
  require_status("the answer to REGISTER with the seat of another client",
                 client.connect_exchange(with_seat(0, Action::kRegister)), bad);
  for (const std::uint32_t action : {0U, 2U, 6U, 0xffff'ffffU}) {
    require_status("the answer on the connect channel to action " + std::to_string(action),
                   client.connect_exchange(with_seat(3, static_cast<Action>(action))), bad);
  }
}

KIT_CHECK(Server, TakesAnyRequest,
          .why =
              "What a client writes into its fields may be anything, and may change while the "
              "server looks. It must not crash, hang, or read what is not there.",
          .hint =
              "Copy each field once, before you look at it. Remember the id that you answered; "
              "what stands in the response is anybody's.",
          .function = "registration::CommServer::serve_one") {
  RunningServer server;
  const WireClientPtr ann = registered(server, "ann");
  const WireClientPtr eve = registered(server, "eve");
  did("eve asks for what there is not");
  ask_nonsense(*eve);
  did("and a stranger registers with nonsense");
  WireClient stranger(server.instance(), deadline());
  register_nonsense(stranger);
  did("eve changes her requests while they are read, and the answers, too");
  in_parallel(2, [&](int i) {
    wire::CommChannel& channel = eve->comm();
    for (std::uint32_t n = 0; i == 1 && n < 20'000; ++n) {
      channel.request.text_bytes = n * 0x9e37'79b9;
      channel.request.action = static_cast<Action>(n % 6);
      channel.response.listed = n;
    }
    for (int n = 0; i == 0 && n < 100; ++n) {
      channel.request.to = eve->key();
      channel.request.id.store(channel.request.id.load() + 1);
      sem_post(&channel.requested);
    }
  });
  did("eve posts a thousand times for nothing, and says that other ids were answered");
  for (int i = 0; i < 1000; ++i) sem_post(&eve->comm().requested);
  eve->comm().response.id.store(0x1234'5678);
  eve->comm().request.action = static_cast<Action>(99);
  require_status("the answer to eve's next request", eve->ask(static_cast<Action>(99)).status,
                 Status::kBadRequest);
  require_equal("the list that ann gets", list_of(*ann), "ann eve ");
  const WireClientPtr bob = registered(server, "bob");
  require_equal("the list that bob gets", list_of(*bob), "ann bob eve ");
}

KIT_CHECK(
    Server, GivesEachNameOnce, .why = "Two clients of one name get each other's messages.",
    .hint = "One REGISTER after the other: the next one is looked at when the last was answered.",
    .function = "registration::ConnectServer::serve_one") {
  constexpr int kProcesses = 50;
  constexpr int kClients = 4;
  RunningServer server({"--max-clients", "256"});
  SharedNotes<kProcesses*(kClients + 1)> notes;
  did("50 processes register 4 clients each, and all of them one more called `contested`");
  in_processes(kProcesses, [&](int i) {
    std::vector<WireClientPtr> mine;
    for (int n = 0; n <= kClients; ++n) {
      mine.push_back(std::make_unique<WireClient>(server.instance(), deadline()));
      const std::string name = "p" + std::to_string(i) + "-" + std::to_string(n);
      const Status status = mine.back()->enroll(n == kClients ? "contested" : name);
      notes.note(i * (kClients + 1) + n, status == Status::kOk ? mine.back()->key() : 0);
      const bool is_as_it_should =
          status == Status::kOk || (n == kClients && status == Status::kNameTaken);
      if (!is_as_it_should) throw PeerError(name + " was answered with " + name_of(status));
    }
    notes.meet(kProcesses, deadline());  // nobody leaves before the last one has come
    if (mine[0]->ask(Action::kStats).stats.clients != kProcesses * kClients + 1)
      throw PeerError("STATS does not tell of 201 clients");
    notes.meet(2 * kProcesses, deadline());
  });
  std::set<Key> keys;
  int contested = 0;
  for (int i = 0; i < kProcesses * (kClients + 1); ++i) {
    if (notes.at(i) == wire::kNoKey) continue;
    require(keys.insert(notes.at(i)).second, "a key of its own for each client",
            "a key came twice");
    if (i % (kClients + 1) == kClients) ++contested;
  }
  require_equal("how many got the name `contested`", std::to_string(contested), "1");
}

KIT_CHECK(Server, ServesManyClientsAtOnce,
          .why = "Each client has a worker of its own, and none of them may disturb another one.",
          .hint = "What several workers use belongs under a lock, or is atomic.",
          .function = "registration::Worker::Worker") {
  RunningServer server;
  const int requests = config().mode == Mode::kPlain ? 300 : 60;
  did("8 clients ask for STATS and LIST, " + std::to_string(requests) + " times each");
  in_parallel(8, [&](int i) {
    const WireClientPtr client = registered(server, "c" + std::to_string(i));
    for (int n = 0; n < requests; ++n) {
      require_ok("the answer to LIST", client->ask(Action::kList));
      const std::uint64_t told = stats_of(*client).requests;
      require_equal("the requests that STATS tells", std::to_string(told),
                    std::to_string(2 * n + 3));
    }
  });
}

KIT_CHECK(
    Server, SleepsWhenNobodyAsks,
    .why = "A server has nothing to do for most of its life, and should use no processor then.",
    .hint = "Wait in the kernel: no loop that only looks.",
    .function = "registration::CommServer::serve_one") {
  RunningServer server;
  const WireClientPtr ann = registered(server, "ann");
  stats_of(*ann);
  constexpr int kLooks = 400;
  for (int look = 0; look < kLooks; ++look) {
    if (are_asleep(server.process().pid())) return;
    static_cast<void>(poll_until(Deadline::after_ms(3), [] { return false; }));
  }
  fail("all threads sleep when nobody asks for anything",
       "whenever one looks, some thread of the server runs");
}

}  // namespace
}  // namespace kit::registration_lab
