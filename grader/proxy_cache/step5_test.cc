// Step 5: how the two start and end, and what they leave.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>

#include "grader/harness/asleep.h"
#include "grader/harness/check.h"
#include "grader/harness/holdings.h"
#include "grader/harness/poll.h"
#include "grader/proxy_cache/cache_stage.h"

namespace kit::proxy_cache_lab {
namespace {

constexpr char kProxySide[] = "proxy_cache::ProxySide::ProxySide";
constexpr char kBoardCreate[] = "proxy_cache::Board::create";
constexpr char kFindCache[] = "proxy_cache::ProxySide::find_cache";

constexpr int kSmallBufferBytes = 4096;

const Content kSmall(3000, 3);
const Content kLarge(8 << 20, 4);

CachedFiles make_files() {
  CachedFiles files;
  files.add("/small", kSmall);
  files.add("/large", kLarge);
  return files;
}

// A client that has read a little of /large, and does not read on.
void begin_large(GetfileClient& client) {
  did("a client reads a little of 8 MiB, and does not read on");
  client.ask("/large");
  client.require_header("GETFILE OK " + std::to_string(kLarge.size()));
  client.require_content(kLarge, 0, 1000);
}

// The rest of it does not come, and the client can tell.
void require_cut(GetfileClient& client) {
  const std::uint64_t came = client.read_rest(kLarge, 1000);
  require(came < kLarge.size(), "the transfer is cut: less than 8 MiB come",
          "all of it came, though its source had gone");
}

KIT_CHECK(Start, WorksInEitherOrder,
          .why = "Whoever starts the two, by hand or by a script, need not know of an order.",
          .hint =
              "The cache looks for the board again and again; the board is made last, so what it "
              "finds is whole. The proxy lets its first requests wait for the first cache.",
          .function = kFindCache) {
  const CachedFiles files = make_files();
  {
    const Server proxy = start_proxy();
    did("a client asks before there is a cache");
    GetfileClient client(proxy);
    client.ask("/small");
    // By then it has been refused, or it waits.
    wait_until_asleep(proxy);
    const Server cache = start_cache(files);
    client.require_file(kSmall);
    require_end(proxy, SIGTERM);
    require_end(cache, SIGTERM);
  }
  forget_did();
  const Server cache = start_cache(files);
  const Server proxy = start_proxy();
  require_file(proxy, "/small", kSmall);
  require_end(proxy, SIGTERM);
  require_end(cache, SIGTERM);
}

KIT_CHECK(Start, KeepsInstancesApart,
          .why = "Two pairs on one machine must not get into each other's segments.",
          .hint = "All names of objects have the instance's name in them, all of it.",
          .function = "proxy_cache::names_of") {
  CachedFiles one("one.txt"), two("two.txt");
  one.add("/a", Content(2000, 1), "one");
  two.add("/a", Content(2500, 2), "two");
  const std::string first = instance(), second = instance("-2");
  const Server first_proxy = start_proxy({}, {}, first);
  const Server second_proxy = start_proxy({}, {}, second);
  const Server second_cache = start_cache(two, {}, {}, second);
  const Server first_cache = start_cache(one, {}, {}, first);
  require_file(first_proxy, "/a", Content(2000, 1));
  require_file(second_proxy, "/a", Content(2500, 2));
  did("the first pair ends");
  require_end(first_cache, SIGTERM);
  require_end(first_proxy, SIGTERM);
  require_nothing_left(first);
  require_file(second_proxy, "/a", Content(2500, 2));
  require_end(second_proxy, SIGTERM);
  require_end(second_cache, SIGTERM);
  require_nothing_left(second);
}

// Requires that it ends by itself, and says why.
void require_refused(Process& process) {
  const std::string& name = process.name();
  const std::optional<Exit> exit = process.wait(deadline());
  if (!exit) fail_hung("a second " + name + " of the same instance ends");
  require(exit->signal == 0 && exit->status == 1,
          "a second " + name + " of the same instance ends with exit status 1",
          "it ended with " + render(*exit));
  require(process.err().find(name + ": ") != std::string::npos,
          "a second " + name + " says on standard error why it ends", "it says nothing");
}

KIT_CHECK(Start, RefusesASecondOne,
          .why =
              "Two proxies of one instance would both hand out the same segments, and two caches "
              "would both write into them.",
          .hint =
              "Byte 0 of the board is locked by the proxy, byte 1 by the cache (F_OFD_SETLK). Who "
              "finds its byte locked is the second one, and touches nothing.",
          .function = kBoardCreate) {
  const CachedFiles files = make_files();
  const Pair pair = start_pair(files);
  did("a second webproxy and a second simplecached of the same instance are started");
  Process& cache = box().start("simplecached", {"-c", files.index(), "--instance", instance()});
  Process& proxy = box().start("webproxy", {"-p", "0", "--instance", instance()});
  require_refused(proxy);
  require_file(pair.proxy, "/small", kSmall);
  require_refused(cache);
  require_file(pair.proxy, "/small", kSmall);
  require_end_of(pair);
}

KIT_CHECK(Start, ReplacesWhatADeadOneLeft,
          .why =
              "Who is killed removes nothing. If what it left keeps the next one from starting, "
              "somebody has to come and clean up by hand.",
          .hint =
              "A board whose lock is free is a dead proxy's: take everything of the instance away, "
              "and make it anew. The process id alone does not say who lives.",
          .function = kProxySide) {
  const CachedFiles files = make_files();
  {
    const Pair pair = start_pair(files, {"-n", "3", "-z", "900"});
    require_file(pair.proxy, "/small", kSmall);
    kill_it(pair.cache);
    kill_it(pair.proxy);
  }
  did("the next pair has other segments");
  const Pair pair = start_pair(files, {"-n", "5", "-z", "7000"});
  for (int i = 0; i < 6; ++i) require_file(pair.proxy, "/small", kSmall);
  require_end_of(pair);
}

KIT_CHECK(
    Start, AnswersWithoutACache,
    .why = "A proxy whose cache is gone should say so, and not let its clients wait.",
    .hint =
        "find_cache() waits only for the first cache of all, and only in the beginning. Later "
        "on there is one or there is not: then ERROR, at once.",
    .function = kFindCache) {
  const Pair pair = start_pair(make_files());
  require_end(pair.cache, SIGTERM);
  for (int i = 0; i < 10; ++i) require_status(pair.proxy, "/small", "ERROR");
  require_end(pair.proxy, SIGTERM);
  require_nothing_left();
}

KIT_CHECK(
    Start, AnswersThoughNoCacheHasCome,
    .why =
        "Somebody forgets to start the cache, or it cannot be started. Who asks then must hear "
        "that it does not work, and not wait for ever.",
    .hint =
        "The wait for the first cache ends kFirstCacheMs after the proxy's start, for all who "
        "wait. Who asks later does not wait at all. A cache that comes later still is found.",
    .function = kFindCache) {
  constexpr std::int64_t kFirstCacheMs = 3000;
  const Server proxy = start_proxy({"-n", "1", "-t", "4"});
  did("no cache is started; six clients ask, more than there are segments and workers");
  std::deque<GetfileClient> clients;
  for (int i = 0; i < 6; ++i) clients.emplace_back(proxy).ask(i % 2 == 0 ? "/small" : "/missing");
  const auto limit_ms = static_cast<std::int64_t>(2 * kFirstCacheMs * slowness());
  const bool all = poll_until(deadline().but_at_most_ms(limit_ms), [&] {
    return std::all_of(clients.begin(), clients.end(),
                       [](auto& each) { return each.has_answer(); });
  });
  if (!all)
    fail("each of them has an answer in the first three seconds", "one has none", Status::kHung);
  for (GetfileClient& client : clients) client.require_status("ERROR");
  did("one more client asks");
  require_status(proxy, "/small", "ERROR");
  did("a cache is started after all");
  const Server cache = start_cache(make_files());
  require_file(proxy, "/small", kSmall);
  require_end_of({cache, proxy});
}

KIT_CHECK(
    Idle, UsesNoProcessor, .why = "A server that has nothing to do should not heat the room.",
    .hint =
        "Block in the kernel until there is something: poll(2) without a timeout, a condition "
        "variable. No loop that looks, with or without a sleep in it.",
    .function = "proxy_cache::CacheServer::serve") {
  constexpr int kLooks = 25;
  const Pair pair = start_pair(make_files());
  require_file(pair.proxy, "/small", kSmall);
  for (const Server& program : {pair.cache, pair.proxy}) {
    const std::string& name = program.process.name();
    // Who looks all the time is hardly ever found asleep.
    wait_until_asleep(program);
    const std::int64_t before_ms = cpu_ms(program.process);
    int awake = 0;
    for (int i = 0; i < kLooks; ++i) {
      awake += !are_asleep(program.process.pid());
      static_cast<void>(::usleep(10'000));
    }
    const std::int64_t used_ms = cpu_ms(program.process) - before_ms;
    require(awake <= kLooks / 3 && used_ms <= 50, "an idle " + name + " sleeps",
            varies(std::to_string(awake)) + " of " + std::to_string(kLooks) +
                " times it was found awake, and it has used " + varies(std::to_string(used_ms)) +
                " ms of processor time");
  }
  require_end_of(pair);
}

KIT_CHECK(
    End, LeavesNothing,
    .why = "Named objects stay until somebody removes them, or the machine is restarted.",
    .hint =
        "The proxy made them, and its destructors remove them: main() has to return for that. "
        "The signals come in through a descriptor (signalfd(2)), not in a handler.",
    .function = kProxySide) {
  const CachedFiles files = make_files();
  for (const int signal : {SIGTERM, SIGINT}) {
    for (const bool is_proxy_first : {true, false}) {
      forget_did();
      const Pair pair = start_pair(files);
      require_file(pair.proxy, "/small", kSmall);
      require_end(is_proxy_first ? pair.proxy : pair.cache, signal);
      require_end(is_proxy_first ? pair.cache : pair.proxy, signal);
      require_nothing_left();
    }
  }
}

KIT_CHECK(
    End, InterruptsTransfers,
    .why =
        "A client that does not read must not keep a program from ending. What it gets is "
        "less than was announced, so it can tell.",
    .hint =
        "Transfers may go on for half a second, then they are cut: the pool and the waits for "
        "the other side end, and the client's connection is closed.",
    .function = "proxy_cache::ProxySide::end") {
  const CachedFiles files = make_files();
  const Pair pair = start_pair(files);
  GetfileClient client(pair.proxy, Wire::kDocumented, kSmallBufferBytes);
  begin_large(client);
  require_prompt_end(pair.proxy);
  require_cut(client);
  require_end(pair.cache, SIGTERM);
  require_nothing_left();
}

KIT_CHECK(End, InterruptsTheWaitForACache,
          .why = "Who has started the proxy by mistake wants to stop it again, cache or no cache.",
          .hint = "end() sets is_ending_: find_cache() looks at it between two waits of kLookMs.",
          .function = kFindCache) {
  const Server proxy = start_proxy();
  did("a client asks, and there is no cache");
  GetfileClient client(proxy);
  client.ask("/small");
  wait_until_asleep(proxy);
  require_prompt_end(proxy);
  require_nothing_left();
}

KIT_CHECK(
    End, OfTheCacheIsNotTheProxys,
    .why = "The cache may be restarted, with another index for example, while the proxy runs.",
    .hint =
        "What belongs to a cache that has gone is its epoch. The next cache opens the same "
        "objects, and has another one. It unlinks nothing.",
    .function = "proxy_cache::CacheSide::CacheSide") {
  const CachedFiles files = make_files();
  const Pair pair = start_pair(files);
  GetfileClient client(pair.proxy, Wire::kDocumented, kSmallBufferBytes);
  begin_large(client);
  require_prompt_end(pair.cache);
  require_cut(client);
  require_status(pair.proxy, "/small", "ERROR");
  CachedFiles others("others.txt");
  others.add("/new", Content(100, 9));
  const Server cache = start_cache(others);
  require_file(pair.proxy, "/new", Content(100, 9));
  require_status(pair.proxy, "/small", "FILE_NOT_FOUND");
  require_end_of({cache, pair.proxy});
}

KIT_CHECK(
    End, OfTheProxyIsNotTheCaches,
    .why = "The proxy may be restarted, with other segments for example, while the cache runs.",
    .hint =
        "When the proxy has ended (its pidfd is readable), the cache lets go of its objects and "
        "looks for the next board.",
    .function = "proxy_cache::CacheSide::attach") {
  const CachedFiles files = make_files();
  const Pair pair = start_pair(files, {"-n", "2", "-z", "1000"});
  require_file(pair.proxy, "/small", kSmall);
  require_end(pair.proxy, SIGTERM);
  const Server proxy = start_proxy({"-n", "7", "-z", "5000"});
  require_file(proxy, "/small", kSmall);
  require_end_of({pair.cache, proxy});
}

}  // namespace
}  // namespace kit::proxy_cache_lab
