// Step 4: many clients at once: more than segments, workers and places in the queue.
#include <unistd.h>

#include <deque>
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/poll.h"
#include "grader/harness/rounds.h"
#include "grader/proxy_cache/cache_stage.h"

namespace kit::proxy_cache_lab {
namespace {

constexpr char kServe[] = "proxy_cache::serve_from_cache";
constexpr char kRequest[] = "proxy_cache::CacheRequest::CacheRequest";

// Client `i` asks for a file of its own, and now and then for one that is missing.
void ask_in_parallel(const Server& proxy, int clients, const std::vector<std::uint64_t>& sizes,
                     int turns) {
  in_parallel(clients, [&](int i) {
    for (int turn = 0; turn < turns; ++turn) {
      const auto which = static_cast<std::size_t>(i + turn);
      if (which % 7 == 6) {
        require_status(proxy, "/missing", "FILE_NOT_FOUND");
        continue;
      }
      const std::uint64_t size = sizes[which % sizes.size()];
      require_file(proxy, "/" + std::to_string(size), content_of(size));
    }
  });
}

KIT_CHECK(
    Crowd, IsServedByOneSegment,
    .why = "Two hundred requests over one segment: slow, but each of them gets its file.",
    .hint =
        "Whoever waits for something must not hold what the one needs for whom he waits: first "
        "the segment, then the place in the queue.",
    .function = kRequest) {
  const bool is_plain = config().mode == Mode::kPlain;
  const int clients = is_plain ? 200 : 40;
  const std::vector<std::uint64_t> sizes = {0, 1, 824, 825, 3000};
  CachedFiles files;
  files.add_sizes(sizes);
  const Pair pair =
      start_pair(files, {"-n", "1", "-z", "824", "-t", std::to_string(clients)}, {"-t", "4"});
  did(std::to_string(clients) + " clients ask at once");
  ask_in_parallel(pair.proxy, clients, sizes, 1);
  require_end_of(pair);
}

KIT_CHECK(
    Crowd, IsServedInEveryCombination,
    .why =
        "With few of one thing and many of another, each wait is a different one: for a worker "
        "of the proxy, for a segment, for room in the queue, for a worker of the cache.",
    .hint = "No thread may hold one of them while it waits for one before it in this list.",
    .function = kRequest) {
  const std::vector<std::uint64_t> sizes = {0, 823, 824, 2000};
  CachedFiles files;
  files.add_sizes(sizes);
  for (const char* segments : {"1", "16"}) {
    for (const char* threads : {"1", "32"}) {
      for (const char* workers : {"1", "16"}) {
        forget_did();
        const Pair pair =
            start_pair(files, {"-n", segments, "-z", "824", "-t", threads}, {"-t", workers});
        did("24 clients ask at once");
        ask_in_parallel(pair.proxy, 24, sizes, 1);
        require_end_of(pair);
      }
    }
  }
}

// Requires that the clients are answered in their order. Looked at from the last one to the first:
// who has no answer then had none when a later one had been seen with its answer.
void require_in_order(std::deque<GetfileClient>& clients) {
  const bool all = poll_until(deadline(), [&] {
    std::size_t first_with_answer = clients.size();
    std::size_t answered = 0;
    for (std::size_t i = clients.size(); i > 0; --i) {
      const bool has_answer = clients[i - 1].has_answer();
      answered += has_answer;
      if (has_answer) first_with_answer = i - 1;
      if (has_answer || first_with_answer == clients.size()) continue;
      fail("clients are answered in the order in which they came",
           "client " + varies(std::to_string(first_with_answer + 1)) +
               " was answered before client " + varies(std::to_string(i)));
    }
    return answered == clients.size();
  });
  if (!all) fail_hung("all clients are answered");
}

KIT_CHECK(Crowd, IsServedInOrderOfArrival,
          .why = "Only who is served in the order of arrival knows that its turn comes.",
          .hint =
              "Segments are handed out in order of arrival, commands are sent so, and the cache's "
              "workers begin them so.",
          .function = kRequest) {
  const Content large(8 << 20);
  CachedFiles files;
  files.add("/large", large);
  files.add("/a", Content(10));
  // Each answer takes so long that nobody can miss the order.
  const Pair pair = start_pair(files, {"-n", "1", "-t", "8"}, {"-t", "1", "-d", "60000"});
  GetfileClient first(pair.proxy, Wire::kDocumented, 4096);
  first.ask("/large");
  first.require_header("GETFILE OK " + std::to_string(large.size()));
  did("a client has the only segment, for a large file, and does not read");
  did("six more come, one after the other, and wait");
  std::deque<GetfileClient> clients;
  for (int i = 0; i < 6; ++i) {
    wait_until_asleep(pair.proxy);
    clients.emplace_back(pair.proxy).ask("/a");
  }
  wait_until_asleep(pair.proxy);
  did("the first one reads on");
  first.require_content(large, 0, large.size());
  require_in_order(clients);
  for (GetfileClient& client : clients) client.require_file(Content(10));
}

KIT_CHECK(Crowd, GetsNothingMixedUp,
          .why = "Each client gets its own file, whoever else asks at the same moment.",
          .hint =
              "A segment is one request's, from before its command until its reader has let go. "
              "What comes in between is somebody else's.",
          .function = kServe) {
  std::vector<std::uint64_t> sizes;
  for (std::uint64_t i = 0; i < 16; ++i) sizes.push_back(100 + 1777 * i);
  CachedFiles files;
  files.add_sizes(sizes);
  for_each_round([&](const Round& round) {
    const Pair pair =
        start_pair(files, {"-n", "4", "-z", "824", "-t", "12"}, {"-t", "4"}, round.start);
    did("16 clients ask at once, three times each");
    ask_in_parallel(pair.proxy, 16, sizes, 3);
    require_end_of(pair);
  });
}

}  // namespace
}  // namespace kit::proxy_cache_lab
