// Step 3: simplecached, which is asked by a probe that plays the proxy.
#include <signal.h>

#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/probe_run.h"
#include "grader/proxy_cache/cache_stage.h"

namespace kit::proxy_cache_lab {
namespace {

constexpr char kAsking[] = "asking_probe";

constexpr char kCarryOut[] = "proxy_cache::CacheServer::carry_out";

// As asking_probe tells it: the length, and FNV-1a of the bytes.
std::string told(const Content& content) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char byte : content.all()) {
    hash ^= static_cast<unsigned char>(byte);
    hash *= 1099511628211u;
  }
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
  return std::to_string(content.size()) + " bytes, " + text;
}

Call get(const std::string& key) { return {"get", {key}}; }

// So many segments, of so many bytes each.
Words segments(int count, int bytes) {
  return {instance(), std::to_string(count), std::to_string(bytes)};
}

void explain_calls() {
  add_evidence(
      "asking_probe plays webproxy: it makes the segments and the queue, and asks. In its calls\n"
      "  find         waits until there is a cache\n"
      "  get(key)     takes a segment, sends the command, and reads all that comes\n"
      "  hold(key)    reads the header and the first chunk, and lets the rest wait for rest()\n"
      "  late(key)    sends a command with the epoch of the cache before this one, and look() "
      "looks\n"
      "               whether its segment is still as init() has made it\n"
      "  when_held, when_done   go on when another thread has come to hold(), or to done()\n"
      "What it tells of content is its length, and a hash of its bytes.\n");
}

// Each get() of each thread, against what its key is known to give.
void require_told(const History& history, const std::map<std::string, std::string>& expected) {
  for (const Operation& operation : history) {
    if (operation.call != "get") continue;
    const std::string& key = operation.args.at(0);
    if (operation.result == expected.at(key)) continue;
    add_evidence(varies(render(history)));
    fail("get(" + key + ") -> " + expected.at(key),
         "get(" + varies(key) + ") -> " + varies(operation.result));
  }
}

KIT_CHECK(Cache, AnswersWithAFile, .why = "This is what it is for.",
          .hint =
              "serve() polls the queue, the proxy and stop_fd, and hands each command to a worker. "
              "The worker finds the content, says its length, and writes chunk by chunk.",
          .function = "proxy_cache::CacheServer::serve") {
  explain_calls();
  const Content content(5000);
  CachedFiles files;
  files.add("/a", content);
  start_cache(files);
  require_results(
      kAsking, segments(2, 1000),
      {{{"find", {}}, "a cache"}, {get("/a"), told(content)}, {get("/a"), told(content)}});
}

KIT_CHECK(
    Cache, AnswersWithFilesOfAllSizes,
    .why = "Content of any length goes through segments of any size, also when it is empty.",
    .hint =
        "Read into room() until it is empty. The last read_at() gives what is left, and that many "
        "bytes are published.",
    .function = kCarryOut) {
  explain_calls();
  constexpr int kBytes = 824;
  const std::vector<std::uint64_t> sizes = sizes_around(kBytes, 2);
  CachedFiles files;
  files.add_sizes(sizes);
  start_cache(files);
  std::vector<Expected> calls;
  for (const std::uint64_t size : sizes)
    calls.push_back({get("/" + std::to_string(size)), told(content_of(size))});
  require_results(kAsking, segments(2, kBytes), calls);
}

KIT_CHECK(Cache, TellsWhatIsNotThere,
          .why = "The proxy waits for an answer, also for a file that there is not.",
          .hint = "Shelf::find() returns null: begin() with Answer::kNotFound, and no content.",
          .function = kCarryOut) {
  explain_calls();
  CachedFiles files;
  files.add("/a", Content(10));
  start_cache(files);
  std::vector<Expected> calls;
  for (const char* key : {"/b", "/", "", "/a/", "/aa", "a"}) calls.push_back({get(key), "missing"});
  calls.push_back({get("/a"), told(Content(10))});
  require_results(kAsking, segments(1, 1000), calls);
}

// So many threads, each of which gets these keys in an order of its own.
Scenario crowd(Words setup, int threads, const std::vector<std::string>& keys) {
  Scenario scenario{std::move(setup), {}};
  for (int thread = 0; thread < threads; ++thread) {
    std::vector<Call>& calls = scenario.threads.emplace_back();
    for (std::size_t i = 0; i < keys.size(); ++i)
      calls.push_back(get(keys[(i + static_cast<std::size_t>(thread)) % keys.size()]));
  }
  return scenario;
}

KIT_CHECK(Cache, ReadsOneFileForMany,
          .why = "All requests of a file share one descriptor, and one offset in the file.",
          .hint = "pread(2), not lseek(2) and read(2).",
          .function = "proxy_cache::FileContent::read_at") {
  explain_calls();
  const Content content(300'000);
  CachedFiles files;
  files.add("/a", content);
  start_cache(files, {"-t", "8"});
  const History history = run_once(kAsking, crowd(segments(8, 2000), 8, {"/a", "/a"}));
  require_told(history, {{"/a", told(content)}});
}

KIT_CHECK(Cache, LosesNoCommand,
          .why =
              "More requests than workers, and more than the queue has room for: each of them must "
              "be answered, once, and with its own content.",
          .hint = "take_commands() until receive() gives nothing. Workers share no buffer.",
          .function = "proxy_cache::CacheServer::serve") {
  explain_calls();
  const std::vector<std::uint64_t> sizes = {0, 700, 5000};
  CachedFiles files;
  files.add_sizes(sizes);
  std::map<std::string, std::string> expected = {{"/missing", "missing"}};
  for (const std::uint64_t size : sizes)
    expected["/" + std::to_string(size)] = told(content_of(size));
  std::vector<std::string> keys;
  for (const auto& [key, result] : expected) keys.push_back(key);
  const Server cache = start_cache(files, {"-t", "2"});
  require_told(run_once(kAsking, crowd(segments(16, 1000), 16, keys)), expected);
  did("and with one worker and one segment, for another proxy");
  require_end(cache, SIGTERM);
  start_cache(files, {"-t", "1"});
  require_told(run_once(kAsking, crowd(segments(1, 1000), 16, keys)), expected);
}

KIT_CHECK(
    Cache, LetsNoSlowReaderStopOthers,
    .why = "A proxy's client that reads slowly keeps one worker busy, and no other one.",
    .hint = "The boss only passes commands on. No lock is held while a worker waits for room.",
    .function = kCarryOut) {
  explain_calls();
  const Content large(50'000);
  const Content small(100);
  CachedFiles files;
  files.add("/large", large);
  files.add("/small", small);
  start_cache(files, {"-t", "2"});
  Scenario scenario{segments(2, 1000), {{{"hold", {"/large"}}}, {}}};
  scenario.threads[1] = {{"when_held", {}}, get("/small"), get("/small"), {"done", {}}};
  scenario.threads[0].push_back({"when_done", {}});
  scenario.threads[0].push_back({"rest", {}});
  const History history = run_once(kAsking, scenario);
  require_equal("hold(/large)", history[0].result, "50000 bytes");
  require_told(history, {{"/small", told(small)}});
  require_equal("rest()", history[2].result, told(large));
}

KIT_CHECK(
    Cache, IgnoresWhatWasMeantForAnother,
    .why =
        "A command may come late: the cache it was for is dead, its sender has given up, and "
        "its segment is another request's. Who writes there now, writes into that one's file.",
    .hint =
        "A command says for which epoch it is, and CacheSide::epoch() which one this is. If "
        "they differ, the segment is not touched, not even to say that there is nothing.",
    .function = kCarryOut) {
  explain_calls();
  const Content content(100);
  CachedFiles files;
  files.add("/a", content);
  start_cache(files, {"-t", "1"});
  // There is one worker: when it answers, it has been through with what came before.
  require_results(kAsking, segments(2, 1000),
                  {{{"find", {}}, "a cache"},
                   {{"late", {"/a"}}, "sent"},
                   {get("/a"), told(content)},
                   {{"look", {}}, "untouched"}});
}

KIT_CHECK(Cache, WaitsBeforeItAnswers,
          .why = "-d makes the cache slow, so that you can see what the proxy does meanwhile.",
          .hint = "Each worker waits before it answers. Others go on meanwhile.",
          .function = kCarryOut) {
  explain_calls();
  constexpr int kDelayMs = 150;
  CachedFiles files;
  files.add("/a", Content(10));
  start_cache(files, {"-d", std::to_string(kDelayMs * 1000)});
  const History history =
      run_once(kAsking, sequence(segments(1, 1000), {{"find", {}}, get("/a"), get("/b")}));
  require_told(history, {{"/a", told(Content(10))}, {"/b", "missing"}});
  for (const std::size_t i : {1u, 2u}) {
    const std::int64_t took_ms = (history[i].end_ns - history[i].begin_ns) / 1'000'000;
    require(took_ms >= kDelayMs - 1, "each answer takes 150 ms at least",
            "it took " + varies(std::to_string(took_ms)) + " ms");
  }
}

}  // namespace
}  // namespace kit::proxy_cache_lab
