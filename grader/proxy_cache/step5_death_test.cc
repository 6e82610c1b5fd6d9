// Step 5: one of the two is killed. No hang, no wrong byte, and the other one works on.
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/quote.h"
#include "grader/proxy_cache/cache_stage.h"

namespace kit::proxy_cache_lab {
namespace {

constexpr char kCacheIsAlive[] = "proxy_cache::Board::cache_is_alive";
constexpr char kProxyIsAlive[] = "proxy_cache::Board::proxy_is_alive";

constexpr int kSmallBufferBytes = 4096;

const Content kSmall(3000, 3);
const Content kMedium(200'000, 5);
const Content kLarge(8 << 20, 4);

CachedFiles make_files() {
  CachedFiles files;
  files.add("/small", kSmall);
  files.add("/medium", kMedium);
  files.add("/large", kLarge);
  return files;
}

// A program that is started again and again.
using Restarted = std::optional<Server>;

// One who reads a little of /large and waits.
void begin_large(GetfileClient& client) {
  did("a client reads a little of 8 MiB, and does not read on");
  client.ask("/large");
  client.require_header("GETFILE OK " + std::to_string(kLarge.size()));
  client.require_content(kLarge, 0, 1000);
}

void require_cut(GetfileClient& client) {
  did("the client reads on");
  const std::uint64_t came = client.read_rest(kLarge, 1000);
  require(came < kLarge.size(),
          "the transfer is cut: less than 8 MiB come, and the connection ends",
          "all of it came, though its source had gone");
}

KIT_CHECK(
    Death, OfTheCacheCutsItsTransfers,
    .why =
        "The bytes that are missing must be seen to be missing. And the segment of a transfer "
        "that was cut is needed for the next one.",
    .hint =
        "next() is empty and is_whole() false: the connection is closed before `length` bytes. "
        "Who has not been told anything yet is told ERROR.",
    .function = kCacheIsAlive) {
  const CachedFiles files = make_files();
  const Server proxy = start_proxy({"-n", "1"});
  Restarted cache(start_cache(files));
  GetfileClient client(proxy, Wire::kDocumented, kSmallBufferBytes);
  begin_large(client);
  kill_it(*cache);
  require_cut(client);
  did("there is one segment, which the next request needs");
  require_status(proxy, "/small", "ERROR");
  cache.emplace(start_cache(files, {"-d", "2500000"}));
  did("a client asks, and the cache is killed before it answers");
  GetfileClient early(proxy);
  early.ask("/small");
  wait_until_asleep(*cache);
  kill_it(*cache);
  early.require_status("ERROR");
  require_end(proxy, SIGTERM);
  require_nothing_left();
}

KIT_CHECK(
    Death, OfTheCacheIsHealed,
    .why = "A cache that is started again must be found again, without a restart of the proxy.",
    .hint =
        "Each request asks who the cache is now. What lay in the queue was for the dead one: "
        "the new one throws it away, or sees by its epoch that it is not meant.",
    .function = kCacheIsAlive) {
  const CachedFiles files = make_files();
  const Server proxy = start_proxy({"-n", "2", "-t", "8"});
  for (int i = 0; i < 3; ++i) {
    const Server cache = start_cache(files);
    require_file(proxy, "/small", kSmall);
    kill_it(cache);
    require_status(proxy, "/small", "ERROR");
  }
  const Server cache = start_cache(files);
  for (int i = 0; i < 3; ++i) require_file(proxy, "/small", kSmall);
  require_end_of({cache, proxy});
}

KIT_CHECK(
    Death, OfTheProxyIsHealed,
    .why =
        "A worker of the cache may be in the middle of a transfer to the dead proxy. If it "
        "waits for that for ever, the cache is worth nothing to the next one.",
    .hint =
        "A worker's wait ends when the proxy's lock is free. Then all workers are stopped, and "
        "the cache looks for the next board; that of the dead one it passes by.",
    .function = kProxyIsAlive) {
  const CachedFiles files = make_files();
  Restarted proxy(start_proxy());
  const Server cache = start_cache(files, {"-t", "1"});
  for (int i = 0; i < 2; ++i) {
    {
      GetfileClient client(*proxy, Wire::kDocumented, kSmallBufferBytes);
      begin_large(client);
      kill_it(*proxy);
      require_cut(client);
    }
    proxy.emplace(start_proxy({"-n", std::to_string(3 + i)}));
    require_file(*proxy, "/small", kSmall);
  }
  did("and when it is idle");
  kill_it(*proxy);
  proxy.emplace(start_proxy());
  require_file(*proxy, "/small", kSmall);
  require_end_of({cache, *proxy});
}

std::string whole_answer(const Content& content) {
  return "GETFILE OK " + std::to_string(content.size()) + "\r\n\r\n" + content.all();
}

// Clients that ask over and over, until they are told to stop. Whatever becomes of the programs,
// each answer is the whole file, or can be seen not to be.
class Crowd {
 public:
  Crowd(const Server& proxy, int clients) : proxy_(proxy) {
    for (int i = 0; i < clients; ++i) threads_.emplace_back([this, i] { ask_on(i); });
  }
  ~Crowd() { stop(); }

  // The first thing that was wrong is thrown here.
  void require_right() {
    stop();
    if (wrong_) std::rethrow_exception(wrong_);
  }

 private:
  void stop() {
    is_stopped_ = true;
    threads_.clear();
  }

  void ask_on(int number) {
    try {
      for (int i = number; !is_stopped_ && ask(i % 4 == 0); ++i) {
      }
    } catch (...) {
      std::lock_guard lock(mutex_);
      if (!wrong_) wrong_ = std::current_exception();
    }
  }

  // False when nobody listens: the proxy has been killed.
  bool ask(bool is_medium) {
    const std::optional<std::string> got =
        ask_and_take_all(proxy_, is_medium ? "/medium" : "/small");
    if (!got) return false;
    // What is shorter than announced can be seen to be cut.
    const bool is_right = whole_answer(is_medium ? kMedium : kSmall).starts_with(*got) ||
                          std::string_view("GETFILE ERROR\r\n\r\n").starts_with(*got);
    require(is_right, "an answer is the file or ERROR, or the beginning of it, and then the end",
            in_quotes(got->substr(0, 100)) + ", " + varies(std::to_string(got->size())) +
                " bytes in all");
    return true;
  }

  const Server proxy_;
  std::atomic<bool> is_stopped_{false};
  std::mutex mutex_;
  std::exception_ptr wrong_;  // guarded by mutex_
  std::vector<std::jthread> threads_;
};

KIT_CHECK(
    Death, AtAnyMomentHarmsNobody,
    .why =
        "SIGKILL comes when it comes: while a command is sent, a chunk is written, objects are "
        "made. Whatever is half done then must stop nobody.",
    .hint =
        "Nothing that the other side waits for may depend on what a dead process would still "
        "have done. What is left is recognised by a lock that nobody holds.",
    .function = kCacheIsAlive) {
  constexpr int kKills = 10;
  constexpr int kLongestUs = 30'000;
  const CachedFiles files = make_files();
  Restarted proxy(start_proxy({"-n", "2", "-z", "5000", "-t", "6"}));
  Restarted cache(start_cache(files, {"-t", "3"}));
  for (int i = 0; i < kKills; ++i) {
    forget_did();
    did("four clients ask over and over");
    Crowd crowd(*proxy, 4);
    static_cast<void>(::usleep(static_cast<useconds_t>(random()() % kLongestUs)));
    const bool is_proxy = random()() % 2 == 0;
    kill_it(is_proxy ? *proxy : *cache);
    // The next one comes at once, and finds what the dead one has left.
    if (is_proxy) {
      crowd.require_right();
      proxy.emplace(start_proxy({"-n", "2", "-z", "5000", "-t", "6"}));
    } else {
      cache.emplace(start_cache(files, {"-t", "3"}));
      crowd.require_right();
    }
    require_file_soon(*proxy, "/small", kSmall);
  }
  require_end_of({*cache, *proxy});
}

}  // namespace
}  // namespace kit::proxy_cache_lab
