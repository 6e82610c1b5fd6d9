// Step 4: webproxy answers from the cache.
#include <signal.h>

#include <cstdint>
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/proxy_cache/cache_stage.h"

namespace kit::proxy_cache_lab {
namespace {

constexpr char kServe[] = "proxy_cache::serve_from_cache";
constexpr char kRequest[] = "proxy_cache::CacheRequest::CacheRequest";

constexpr int kSmallBufferBytes = 4096;
constexpr std::uint64_t kMiB = 1 << 20;

void require_files(const Server& proxy, const std::vector<std::uint64_t>& sizes) {
  for (const std::uint64_t size : sizes)
    require_file(proxy, "/" + std::to_string(size), content_of(size));
}

KIT_CHECK(Proxy, ServesFromTheCache, .why = "A client asks for a path and wants what is there.",
          .hint =
              "CacheRequest: take a segment, init() it, send the command. The handler sends the "
              "header with the length, then chunk by chunk from where they lie.",
          .function = kServe) {
  const Content content(40'000);
  CachedFiles files;
  files.add("/folder/a", content);
  const Pair pair = start_pair(files);
  for (int i = 0; i < 3; ++i) require_file(pair.proxy, "/folder/a", content);
}

KIT_CHECK(
    Proxy, ServesFilesOfAllSizes,
    .why =
        "Most mistakes are at a boundary: nothing at all, one byte, just less than a segment, "
        "just more, and the last chunk of many.",
    .hint =
        "gfs_sendheader() once, with the length, also when that is 0. Then until next() is "
        "empty.",
    .function = kServe) {
  std::vector<std::uint64_t> sizes = sizes_around(5712, 8);
  sizes.push_back(5 * kMiB - 987);
  sizes.push_back(5 * kMiB + 987);
  CachedFiles files;
  files.add_sizes(sizes);
  require_files(start_pair(files).proxy, sizes);
}

KIT_CHECK(Proxy, ServesThroughSmallSegments,
          .why =
              "Segments may be smaller than a page, and hundreds; and one alone must do, also for "
              "a file that is larger than all of them together.",
          .hint = "The size is the content's room; the control block of the channel comes on top.",
          .function = kRequest) {
  std::vector<std::uint64_t> sizes = sizes_around(824, 1);
  sizes.push_back(500'001);
  CachedFiles files;
  files.add_sizes(sizes);
  for (const char* count : {"1", "500"}) {
    forget_did();
    const Pair pair = start_pair(files, {"-n", count, "-z", "824"});
    require_files(pair.proxy, sizes);
    require_end_of(pair);
  }
}

KIT_CHECK(
    Proxy, TellsWhatIsNotThere,
    .why = "A client must be able to tell a missing file from an empty one, and from a failure.",
    .hint = "Answer::kNotFound: gfs_sendheader(ctx, GF_FILE_NOT_FOUND, 0), and nothing after it.",
    .function = "proxy_cache::handle_with_cache") {
  const Content content(10);
  CachedFiles files;
  files.add("/a", content);
  const Pair pair = start_pair(files);
  for (const char* path : {"/b", "/a/", "/", "/A", "/aa"})
    require_status(pair.proxy, path, "FILE_NOT_FOUND");
  require_file(pair.proxy, "/a", content);
}

KIT_CHECK(
    Proxy, TakesPathsOfAnyLength,
    .why =
        "A path that is cut to fit into a message is another path. And nobody should get a "
        "failure for what is just not there.",
    .hint =
        "Up to CommandQueue::kMaxKeyBytes bytes go into a command. A longer path is not in the "
        "cache, without asking.",
    .function = kServe) {
  constexpr std::size_t kMaxKey = 2032;
  const Content content(100, 5);
  const Content other(200, 6);
  CachedFiles files;
  files.add("/" + std::string(kMaxKey - 1, 'k'), content, "longest");
  files.add("/" + std::string(kMaxKey - 2, 'k'), other, "shorter");
  const Pair pair = start_pair(files);
  require_file(pair.proxy, "/" + std::string(kMaxKey - 1, 'k'), content);
  require_file(pair.proxy, "/" + std::string(kMaxKey - 2, 'k'), other);
  require_status(pair.proxy, "/" + std::string(kMaxKey, 'k'), "FILE_NOT_FOUND");
  require_status(pair.proxy, "/" + std::string(kMaxKey + 500, 'k'), "FILE_NOT_FOUND");
  require_file(pair.proxy, "/" + std::string(kMaxKey - 1, 'k'), content);
}

KIT_CHECK(
    Proxy, SpeaksTheStockDialect,
    .why = "The programs of the original course speak another dialect of GETFILE.",
    .hint = "The library knows the dialect. Say what there is to say by gfs_sendheader() alone.",
    .function = kServe) {
  const Content content(9000);
  CachedFiles files;
  files.add("/a", content);
  files.add("/empty", Content(0));
  const Pair pair = start_pair(files, {"--wire", "stock"});
  require_file(pair.proxy, "/a", content, Wire::kStock);
  require_file(pair.proxy, "/empty", Content(0), Wire::kStock);
  require_status(pair.proxy, "/b", "FILE_NOT_FOUND", Wire::kStock);
}

KIT_CHECK(
    Proxy, SendsAllToASlowReader,
    .why =
        "A client that reads slowly fills its connection, and gfs_send() then takes a part only.",
    .hint =
        "gfs_send() returns how many bytes it took: call it again with the rest, until none is "
        "left.",
    .function = kServe) {
  const Content content(12 * kMiB);
  CachedFiles files;
  files.add("/large", content);
  // Three times what a connection has room for, in chunks of 2 MB: one of them does not fit.
  const Pair pair = start_pair(files, {"-n", "1", "-z", "4000000"});
  did("the client's connection takes a few KB at a time");
  GetfileClient client(pair.proxy, Wire::kDocumented, kSmallBufferBytes);
  client.ask("/large");
  wait_until_asleep(pair);
  client.require_file(content);
}

KIT_CHECK(
    Proxy, TakesItsSegmentBack,
    .why =
        "A segment that does not come back after a miss, or when a client goes away, is lost. "
        "After as many of these as there are segments, the proxy answers nobody.",
    .hint =
        "The Lease gives it back on each way out of the handler. Before that, the reader lets "
        "go of it: mind the order of the members.",
    .function = kServe) {
  const Content large(8 * kMiB);
  const Content small(2000);
  CachedFiles files;
  files.add("/large", large);
  files.add("/small", small);
  const Pair pair = start_pair(files, {"-n", "1", "-z", "1000"}, {"-t", "1"});
  did("there is one segment, and one worker");
  for (int i = 0; i < 3; ++i) {
    require_status(pair.proxy, "/missing", "FILE_NOT_FOUND");
    did("a client reads a little of 8 MiB, and breaks the connection off");
    GetfileClient client(pair.proxy, Wire::kDocumented, kSmallBufferBytes);
    client.ask("/large");
    client.require_header("GETFILE OK " + std::to_string(large.size()));
    client.require_content(large, 0, 1000);
    client.reset();
    did("the next one gets all of a small file");
    require_file(pair.proxy, "/small", small);
  }
  require_end_of(pair);
}

}  // namespace
}  // namespace kit::proxy_cache_lab
