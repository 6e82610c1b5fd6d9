// Step 3: webproxy with many clients at once.
#include <signal.h>

#include <deque>
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/content.h"
#include "grader/harness/nginx.h"
#include "grader/harness/rounds.h"
#include "grader/harness/stage.h"
#include "grader/proxy/getfile_client.h"
#include "grader/proxy/held_clients.h"
#include "grader/proxy/http_origin.h"
#include "grader/proxy/proxy_stage.h"

namespace kit::proxy_lab {
namespace {

std::deque<GetfileClient> ask_for_held(const Server& proxy, int count) {
  did(std::to_string(count) + " clients ask for /held, which the origin holds back");
  return ask_for(proxy, "/held", count);
}

KIT_CHECK(
    Workers, ServeClientsSideBySide,
    .why = "A file that takes long must not make all other clients wait.",
    .hint = "submit() only puts the request into the queue. Workers answer it, with no lock held.",
    .function = "proxy::WorkerPool::submit") {
  HttpOrigin origin;
  hold(origin);
  origin.serve("/quick", Content(3000));
  const Server proxy = start_proxy(origin.url(), {"-t", "4"});
  std::deque<GetfileClient> clients = ask_for_held(proxy, 3);
  require_at_once(origin, 3, clients);
  did("another one asks for /quick");
  require_file(proxy, "/quick", Content(3000));
  origin.open_gate();
  for (GetfileClient& client : clients) client.require_file(kHeld);
}

KIT_CHECK(Workers, ReadSlowlyAlone,
          .why = "A client that does not read keeps its worker busy, and no other one.",
          .hint =
              "A request goes to whichever worker is free: one queue for all of them. And nobody "
              "holds a lock "
              "while gfs_send() waits.",
          .function = "proxy::WorkerPool::work") {
  const Content content(32 << 20);
  HttpOrigin origin;
  origin.serve("/large", content);
  origin.serve("/quick", Content(3000));
  const Server proxy = start_proxy(origin.url(), {"-t", "2"});
  GetfileClient slow(proxy, Wire::kDocumented, 4096);
  slow.ask("/large");
  slow.require_header("GETFILE OK " + std::to_string(content.size()));
  did("a client reads the header of a large file, and no more; others ask for a small one");
  for (int i = 0; i < 5; ++i) require_file(proxy, "/quick", Content(3000));
}

KIT_CHECK(Workers, MixNothingUp,
          .why = "Each client gets its own file, whoever else asks at the same moment.",
          .hint =
              "What two workers share, they share with a lock or not at all: an easy handle is for "
              "one thread "
              "at a time, and a static buffer is one for all.",
          .function = "proxy::Transfer::run") {
  constexpr int kClients = 16;
  const auto content_of = [](int i) {
    return Content(static_cast<std::uint64_t>(1000 + 7919 * i),
                   100 + static_cast<std::uint64_t>(i));
  };
  HttpOrigin origin;
  for (int i = 0; i < kClients; ++i) origin.serve("/" + std::to_string(i), content_of(i));
  for_each_round([&](const Round& round) {
    const Server proxy = start_proxy(origin.url(), {"-t", "8"}, round.start);
    did("16 clients ask at once, again and again, each for a file of its own; and now and then for "
        "one that is missing");
    in_parallel(kClients, [&](int i) {
      for (int turn = 0; turn < 4; ++turn) {
        require_file(proxy, "/" + std::to_string(i), content_of(i));
        if (i % 5 == 0) require_status(proxy, "/missing", "FILE_NOT_FOUND");
      }
    });
    require_end(proxy, SIGTERM);
  });
}

KIT_CHECK(Workers, ServeManyClientsAtOnce, .why = "This is the load that the proxy is for.",
          .hint = "Requests that find no free worker wait in the queue, and then in the kernel's.",
          .function = "proxy::WorkerPool::submit") {
  constexpr int kClients = 64;
  const std::uint64_t sizes[] = {0, 1, 1000, 100'000, (1 << 20) - 987, (1 << 20) + 987};
  Nginx nginx;
  for (const std::uint64_t size : sizes)
    nginx.add_file(std::to_string(size), Content(size, size + 1));
  const Server proxy = start_proxy(nginx.url(), {"-t", "8"});
  did("64 clients at once ask for files of six sizes");
  in_parallel(kClients, [&](int i) {
    for (int turn = 0; turn < 3; ++turn) {
      const std::uint64_t size = sizes[(i + turn) % 6];
      require_file(proxy, "/" + std::to_string(size), Content(size, size + 1));
    }
  });
}

KIT_CHECK(Workers, ServeWhoHasWaited,
          .why = "When all workers are busy, clients wait. They must be served when one is free.",
          .hint = "A worker that is done takes the next request from the queue.",
          .function = "proxy::WorkerPool::work") {
  HttpOrigin origin;
  hold(origin);
  const Server proxy = start_proxy(origin.url(), {"-t", "2"});
  std::deque<GetfileClient> clients = ask_for_held(proxy, 40);
  require_at_once(origin, 2, clients);
  origin.open_gate();
  for (GetfileClient& client : clients) client.require_file(kHeld);
}

KIT_CHECK(Workers, EndWithThreadsJoined,
          .why = "A thread that still runs when main() returns uses what is already destroyed.",
          .hint = "stop() joins every thread. A detached one cannot be waited for.",
          .function = "proxy::WorkerPool::stop") {
  HttpOrigin origin;
  origin.serve("/a", Content(1000));
  for (const int signal : {SIGTERM, SIGINT}) {
    const Server proxy = start_proxy(origin.url(), {"-t", "8"});
    for (int i = 0; i < 10; ++i) require_file(proxy, "/a", Content(1000));
    require_end(proxy, signal);
  }
}

KIT_CHECK(Workers, EndWithAFullQueue,
          .why = "A proxy is stopped when it is busy, too: nobody's wait may keep it from ending.",
          .hint =
              "stop() closes the queue: that wakes the boss, who may wait for room. What is in the "
              "queue is "
              "dropped. A worker that waits in gfs_send() wakes when its request is aborted.",
          .function = "proxy::WorkerPool::stop") {
  constexpr int kClients = 300;  // more than the queue has room for
  const Content content(32 << 20);
  HttpOrigin origin;
  origin.serve("/large", content);
  const Server proxy = start_proxy(origin.url(), {"-t", "1"});
  GetfileClient slow(proxy, Wire::kDocumented, 4096);
  slow.ask("/large");
  slow.require_header("GETFILE OK " + std::to_string(content.size()));
  did("one client reads the header of a large file and no more, and the only worker waits for it");
  did("300 more clients ask");
  std::deque<GetfileClient> clients;
  for (int i = 0; i < kClients; ++i) clients.emplace_back(proxy).ask("/a");
  require_prompt_end(proxy);
}

}  // namespace
}  // namespace kit::proxy_lab
