// Step 5: what there is to measure. How fast it is depends on the machine; how many requests are
// under way at the same time does not.
#include <sys/resource.h>
#include <unistd.h>

#include <deque>
#include <string>

#include "grader/harness/asleep.h"
#include "grader/harness/check.h"
#include "grader/harness/content.h"
#include "grader/harness/holdings.h"
#include "grader/harness/nginx.h"
#include "grader/harness/poll.h"
#include "grader/harness/stage.h"
#include "grader/proxy/getfile_client.h"
#include "grader/proxy/held_clients.h"
#include "grader/proxy/http_origin.h"
#include "grader/proxy/proxy_stage.h"

namespace kit::proxy_lab {
namespace {

const Content kContent(2000, 7);

// Until the proxy waits for the origin and the origin for the gate: whatever has not come by then
// does not come. A proxy that never rests is given some time.
void wait_for_rest(const Server& proxy) {
  constexpr int kPatienceMs = 1000;
  const Deadline patience = deadline().but_at_most_ms(kPatienceMs);
  const auto rests = [&] {
    const Sleepers before = look_at_all(proxy.process.pid(), 0);
    return before.all && are_asleep(::getpid(), ::gettid()) &&
           look_at_all(proxy.process.pid(), 0) == before;
  };
  static_cast<void>(poll_until(patience, rests));
}

// Lets `clients` ask a proxy of `threads` workers, and requires `wanted` requests to be at the
// origin at the same time, not fewer and never more.
void require_just(int wanted, int threads, int clients) {
  HttpOrigin origin;
  hold(origin);
  const Server proxy = start_proxy(origin.url(), {"-t", std::to_string(threads)});
  did(std::to_string(clients) +
      " clients ask at once; the origin answers when all have come that come");
  std::deque<GetfileClient> all = ask_for(proxy, "/held", clients);
  require_at_once(origin, wanted, all);
  wait_for_rest(proxy);
  origin.open_gate();
  for (GetfileClient& client : all) client.require_file(kHeld);
  require_equal("the most requests that were at the origin at the same time",
                std::to_string(origin.most_at_once()), std::to_string(wanted));
}

KIT_CHECK(Load, OneThreadServesOneAfterTheOther,
          .why = "-t is what you vary. With one worker, a slow origin is waited for by everybody.",
          .hint = "As many workers as -t says: WorkerPool's first argument.",
          .function = "proxy::WorkerPool::WorkerPool") {
  require_just(1, 1, 4);
}

KIT_CHECK(
    Load, EightThreadsServeEightAtOnce,
    .why =
        "This is where the curve comes from: while one worker waits for the origin, others work.",
    .hint = "Workers share nothing but the queue, and hold no lock while they answer.",
    .function = "proxy::WorkerPool::work") {
  require_just(8, 8, 12);
}

KIT_CHECK(
    Load, TwoHundredThreadsServeTwoHundred, .why = "That is as many as -t takes.",
    .hint =
        "Is there a descriptor for each connection, and each client? See raise_descriptor_limit().",
    .function = "proxy::WorkerPool::WorkerPool") {
  require_just(200, 200, 210);
}

// As many descriptors as this process may have.
void raise_own_limit() {
  rlimit limit;
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) fail_not_gradable("getrlimit failed");
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) fail_not_gradable("setrlimit failed");
}

KIT_CHECK(
    Load, AThousandRequestsAtOnce,
    .why = "A load test asks for more than there are workers. Everybody's turn comes.",
    .hint =
        "The queue is bounded: beyond it the boss waits, and clients wait in the kernel's queue.",
    .function = "proxy::WorkerPool::submit") {
  constexpr int kClients = 1000;
  constexpr int kThreads = 16;
  constexpr int kDescriptors = 4 * kThreads;  // a connection each, and what libcurl waits with
  Nginx nginx;
  nginx.add_file("a", kContent);
  const Server proxy = start_proxy(nginx.url(), {"-t", std::to_string(kThreads)});
  require_file(proxy, "/a", kContent);  // all threads run then
  const Holdings before = holdings_of(proxy);
  raise_own_limit();
  did("1000 clients connect, all of them ask, and then each reads its answer");
  std::deque<GetfileClient> clients;
  for (int i = 0; i < kClients; ++i) clients.emplace_back(proxy);
  for (GetfileClient& client : clients) client.ask("/a");
  for (GetfileClient& client : clients) client.require_file(kContent);
  clients.clear();
  require_threads_back(proxy, before, kDescriptors);
}

KIT_CHECK(
    Load, WorkersKeepTheirConnections,
    .why =
        "To connect anew for each file is the difference that one sees first in the measurement.",
    .hint = "One easy handle for each worker, for all its requests.",
    .function = "proxy::Transfer::run") {
  constexpr int kThreads = 4;
  HttpOrigin origin;
  origin.serve("/a", kContent);
  const Server proxy = start_proxy(origin.url(), {"-t", std::to_string(kThreads)});
  did("8 clients ask at once, 25 times each");
  in_parallel(8, [&](int) {
    for (int i = 0; i < 25; ++i) require_file(proxy, "/a", kContent);
  });
  require(origin.connections() <= kThreads,
          "4 workers need 4 connections to the origin at most, for 200 requests",
          varies(std::to_string(origin.connections())) + " connections");
}

}  // namespace
}  // namespace kit::proxy_lab
