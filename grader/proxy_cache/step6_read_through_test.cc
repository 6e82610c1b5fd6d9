// Step 6: webproxy --read-through fetches what the cache does not have.
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/nginx.h"
#include "grader/proxy/http_origin.h"
#include "grader/proxy_cache/cache_stage.h"

namespace kit::proxy_cache_lab {
namespace {

using proxy_lab::head_of;
using proxy_lab::HttpOrigin;
using proxy_lab::ok_head;

constexpr char kServe[] = "proxy_cache::ReadThrough::serve";
constexpr char kFetch[] = "proxy_cache::ReadThrough::fetch";
constexpr char kOffer[] = "proxy_cache::ReadThrough::offer";
constexpr char kPut[] = "proxy_cache::CacheServer::put";

// A pair for this origin, with one file in the cache's index, /indexed.
Pair start_for(const std::string& origin, std::vector<std::string> proxy_args = {},
               const std::vector<std::string>& cache_args = {}) {
  CachedFiles files;
  files.add("/indexed", Content(4000, 8));
  proxy_args.insert(proxy_args.begin(), {"--read-through", "-s", origin});
  return start_pair(files, proxy_args, cache_args);
}

int requests_for(const HttpOrigin& origin, const std::string& path) {
  const std::vector<std::string> targets = origin.targets();
  return static_cast<int>(std::count(targets.begin(), targets.end(), path));
}

void require_requests(const HttpOrigin& origin, const std::string& path, int count) {
  require_equal("how often the origin was asked for " + path,
                std::to_string(requests_for(origin, path)), std::to_string(count));
}

KIT_CHECK(
    ReadThrough, FetchesWhatIsMissing, .why = "What the cache does not have, the origin may have.",
    .hint =
        "Ask the cache first. When it does not have it, download() it, offer it to the cache, "
        "and send it.",
    .function = kServe) {
  HttpOrigin origin;
  const std::uint64_t sizes[] = {0, 1, 5712, 200'001};
  for (const std::uint64_t size : sizes) origin.serve("/" + std::to_string(size), content_of(size));
  const Pair pair = start_for(origin.url());
  require_file(pair.proxy, "/indexed", Content(4000, 8));
  require_requests(origin, "/indexed", 0);
  for (const std::uint64_t size : sizes)
    require_file(pair.proxy, "/" + std::to_string(size), content_of(size));
  require_end_of(pair);
}

KIT_CHECK(ReadThrough, AsksTheOriginOnce,
          .why = "That is the cache's use: the second one who asks does not wait for the origin.",
          .hint =
              "offer() sends the content through a segment, as a kPut command. put() takes it, and "
              "keeps it when it is whole.",
          .function = kOffer) {
  HttpOrigin origin;
  const std::vector<std::uint64_t> sizes = sizes_around(1000, 2);
  for (const std::uint64_t size : sizes) origin.serve("/" + std::to_string(size), content_of(size));
  const Pair pair = start_for(origin.url(), {"-n", "2", "-z", "1000"});
  for (const std::uint64_t size : sizes) {
    const std::string path = "/" + std::to_string(size);
    for (int i = 0; i < 3; ++i) require_file(pair.proxy, path, content_of(size));
    require_requests(origin, path, 1);
  }
}

void raise_own_limit() {
  rlimit limit;
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) fail_not_gradable("getrlimit failed");
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) fail_not_gradable("setrlimit failed");
}

KIT_CHECK(ReadThrough, AsksOnceForACrowd,
          .why =
              "A file that many want at once, and that nobody has yet: without care each of them "
              "makes a request to the origin, and the origin falls over.",
          .hint =
              "SingleFlight, by path. The one who fetches offers the file before its flight lands; "
              "who begins a flight looks into the cache once more.",
          .function = kFetch) {
  const int clients_count = config().mode == Mode::kPlain ? 1000 : 50;
  const Content content(3000, 5);
  HttpOrigin origin;
  origin.on("/wanted", [&](HttpOrigin::Exchange& exchange) {
    exchange.wait_at_gate();
    exchange.send(ok_head(content.size()) + content.all());
  });
  const Pair pair = start_for(origin.url(), {"-n", "4", "-t", "100"});
  raise_own_limit();
  did(std::to_string(clients_count) + " clients ask for /wanted, which the origin holds back");
  std::deque<GetfileClient> clients;
  for (int i = 0; i < clients_count; ++i) clients.emplace_back(pair.proxy).ask("/wanted");
  if (!origin.wait_for_requests(1, deadline())) fail_hung("the origin is asked for /wanted");
  // A hundred workers have asked the cache by then, and wait.
  wait_until_asleep(pair.proxy);
  origin.open_gate();
  for (GetfileClient& client : clients) client.require_file(content);
  require_requests(origin, "/wanted", 1);
}

KIT_CHECK(ReadThrough, StaysWithinTheBudget,
          .why = "The cache's memory is for what is asked for again and again.",
          .hint = "put() refuses what has no room at all; the LruStore drops what was not used.",
          .function = kPut) {
  HttpOrigin origin;
  for (const char* path : {"/a", "/b", "/c"}) origin.serve(path, Content(4000, 3));
  origin.serve("/large", Content(10'001, 4));
  origin.serve("/full", Content(10'000, 5));
  const Pair pair = start_for(origin.url(), {}, {"--budget", "10000"});
  const auto get = [&](const std::string& path, const Content& content, int requests) {
    require_file(pair.proxy, path, content);
    require_requests(origin, path, requests);
  };
  const Content content(4000, 3);
  get("/a", content, 1);
  get("/b", content, 1);
  get("/a", content, 1);
  did("a third one: /b was not used for the longest time");
  get("/c", content, 1);
  get("/a", content, 1);
  get("/b", content, 2);
  did("one that has more bytes than the budget changes nothing");
  get("/large", Content(10'001, 4), 1);
  get("/large", Content(10'001, 4), 2);
  get("/b", content, 2);
  get("/a", content, 1);
  did("one that is exactly the budget");
  get("/full", Content(10'000, 5), 1);
  get("/full", Content(10'000, 5), 1);
  get("/a", content, 2);
}

KIT_CHECK(ReadThrough, TellsWhatIsNotThere,
          .why = "What is nowhere is FILE_NOT_FOUND; what may be there when asked again is ERROR.",
          .hint = "Download::status says which. Only what was found is offered to the cache.",
          .function = kServe) {
  HttpOrigin origin;
  origin.on("/broken", [](HttpOrigin::Exchange& exchange) { exchange.send(head_of(500, 0)); });
  const Pair pair = start_for(origin.url());
  for (int i = 0; i < 2; ++i) {
    require_status(pair.proxy, "/missing", "FILE_NOT_FOUND");
    require_status(pair.proxy, "/broken", "ERROR");
  }
  require_requests(origin, "/missing", 2);
  require_requests(origin, "/broken", 2);
  require_file(pair.proxy, "/indexed", Content(4000, 8));
}

KIT_CHECK(ReadThrough, KeepsNothingThatWasCut,
          .why =
              "Half a file in the cache is worse than none: everybody gets it from then on, and it "
              "looks whole.",
          .hint =
              "libcurl says CURLE_PARTIAL_FILE when fewer bytes come than were announced: kFailed. "
              "put() keeps only what is_whole().",
          .function = "proxy_cache::download") {
  const Content content(60'000, 6);
  std::atomic<int> asked{0};
  HttpOrigin origin;
  origin.on("/a", [&](HttpOrigin::Exchange& exchange) {
    const bool is_first = asked++ == 0;
    exchange.send(ok_head(content.size()));
    exchange.send_content(content, is_first ? 20'000 : content.size());
    if (is_first) exchange.close();
  });
  const Pair pair = start_for(origin.url());
  did("the origin breaks off in the middle");
  require_status(pair.proxy, "/a", "ERROR");
  did("the next time it does not");
  for (int i = 0; i < 2; ++i) require_file(pair.proxy, "/a", content);
  require_requests(origin, "/a", 2);
}

KIT_CHECK(
    ReadThrough, WorksWithNginx,
    .why =
        "The origin of the other checks is a small one of ours. This is one that the world uses.",
    .hint =
        "403, 404 and 410 are FILE_NOT_FOUND, what else is 400 or more is ERROR. When the origin "
        "is "
        "gone, the cache still has what it was offered.",
    .function = kServe) {
  const Content content(200'001, 7);
  Nginx nginx;
  nginx.add_file("folder/a", content);
  nginx.add_file("b", Content(0));
  const Pair pair = start_for(nginx.url());
  for (int i = 0; i < 2; ++i) require_file(pair.proxy, "/folder/a", content);
  for (const char* path : {"/missing", "/gone/a", "/forbidden/a"})
    require_status(pair.proxy, path, "FILE_NOT_FOUND");
  require_status(pair.proxy, "/broken/a", "ERROR");
  did("nginx is killed");
  nginx.kill();
  require_file(pair.proxy, "/folder/a", content);
  require_status(pair.proxy, "/b", "ERROR");
  did("nginx is started again");
  nginx.restart();
  require_file(pair.proxy, "/b", Content(0));
  require_end_of(pair);
}

KIT_CHECK(
    ReadThrough, WorksWithoutACache,
    .why = "A cache makes things faster. When it is away, they should be slower, not broken.",
    .hint =
        "When the cache does not answer and the client has not been told anything yet, there is "
        "still the origin.",
    .function = kServe) {
  HttpOrigin origin;
  origin.serve("/a", Content(4000, 2));
  const Pair pair = start_for(origin.url());
  require_end(pair.cache, SIGTERM);
  for (int i = 0; i < 2; ++i) require_file(pair.proxy, "/a", Content(4000, 2));
  require_requests(origin, "/a", 2);
  require_end(pair.proxy, SIGTERM);
  require_nothing_left();
}

}  // namespace
}  // namespace kit::proxy_cache_lab
