// The proxy-cache pair's figures: hits of webproxy and simplecached, beside hits of nginx's
// proxy_cache and of Varnish, and beside a stream through one slot of shared memory.
//
// One nginx is the origin of the two others; each file is asked for once before it is measured, so
// that it is in their caches. nginx keeps its cache in files (which the kernel has in memory), and
// Varnish in memory. The pair runs with 8 threads each, and with segments of 64 KB, and of 4 KB in
// a table of its own. The scheduler places all of these as it likes.
//
// In the last tables the pair has one segment, beside a stream with one slot of that size
// (shm_stream.cc), which hands the same bytes on in turns. There the processors are given, the same
// for both: webproxy and the stream's sender on one, simplecached and the stream's reader on the
// same one, or on another. Left to the scheduler, the stream alone varies by a factor of five, as
// its two sides meet on one processor or do not. Only with two processors can the pair do what it
// has two slots for; with one, it pays for them: its chunks are half as large. The generator may
// run everywhere.
//
// Every client makes a connection for each request, since GETFILE knows no other way, and the time
// from connect() to the last byte is what is measured. The clients of the others say "Connection:
// close".
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>

#include "grader/bench/compare.h"
#include "grader/bench/files.h"
#include "grader/bench/hand_over.h"
#include "grader/bench/options.h"
#include "grader/bench/server.h"
#include "grader/harness/deadline.h"
#include "grader/harness/temp_folder.h"

namespace kit::bench {
namespace {

constexpr char kWebproxy[] = "solutions/proxy_cache/webproxy";
constexpr char kCached[] = "solutions/proxy_cache/simplecached";
constexpr char kStream[] = "grader/bench/shm_stream";
constexpr std::size_t kSizes[] = {1024, 100 * 1024, 10 * 1024 * 1024};
constexpr int kLarge = 64 * 1024;
constexpr int kSmall = 4 * 1024;

// A processor for each side.
struct Placement {
  int sender = 0;  // who talks to the clients
  int reader = 0;  // who has the files
};

// Two processes, which end in an orderly way: what they share must not be left behind. Without a
// placement they run where the scheduler likes.
class Pair {
 public:
  Pair(const std::string& index, int segments, int segment_bytes,
       const std::optional<Placement>& placement = std::nullopt) {
    const std::string instance =
        "bench" + std::to_string(getpid()) + "_" + std::to_string(++count_);
    std::vector<std::string> cached = {kCached, "-c", index, "--instance", instance};
    const std::string count = std::to_string(segments);
    const std::string bytes = std::to_string(segment_bytes);
    std::vector<std::string> proxy = {kWebproxy, "-n", count, "-z",         bytes,   "-p",
                                      "0",       "-t", "8",   "--instance", instance};
    if (placement) cached = on_processor(placement->reader, std::move(cached));
    if (placement) proxy = on_processor(placement->sender, std::move(proxy));
    cached_ = start_lab_program("simplecached", cached, "ready");
    proxy_ = start_lab_server("webproxy", std::move(proxy));
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  ~Pair() {
    end_orderly(*proxy_.process);
    end_orderly(*cached_);
  }

  std::uint16_t port() const { return proxy_.port; }

 private:
  static inline int count_ = 0;
  std::unique_ptr<Process> cached_;
  RunningServer proxy_;
};

RunningServer start_origin(const std::string& folder, const std::string& files) {
  std::filesystem::create_directories(folder);
  const std::uint16_t port = find_free_port();
  return start_nginx(port, folder, "sendfile on;\n" + nginx_server(port, "root " + files + ";\n"));
}

RunningServer start_caching_nginx(const std::string& folder, std::uint16_t origin) {
  std::filesystem::create_directories(folder);
  const std::uint16_t port = find_free_port();
  return start_nginx(
      port, folder,
      "sendfile on;\nproxy_cache_path " + folder + "/cache keys_zone=hits:10m max_size=1g;\n" +
          nginx_server(port, "location / {\nproxy_pass http://127.0.0.1:" + std::to_string(origin) +
                                 ";\nproxy_cache hits;\nproxy_cache_valid 200 1h;\n}\n"));
}

class Bench {
 public:
  Bench(const Options& options, int stop_fd)
      : options_(options),
        stop_fd_(stop_fd),
        files_(make_files()),
        origin_(start_origin(folder_.path() + "/origin", files_)),
        nginx_(start_caching_nginx(folder_.path() + "/nginx", origin_.port)),
        varnish_(start_varnish(folder_.path() + "/varnish", origin_.port)) {}

  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  ~Bench() {
    if (varnish_.process) end_orderly(*varnish_.process);
    end_orderly(*nginx_.process);
    end_orderly(*origin_.process);
  }

  void run() {
    show_hand_overs();
    if (!varnish_.process) {
      std::printf("varnish is not installed: nginx alone (apt-get install varnish)\n");
    }
    for (const int segment_bytes : {kLarge, kSmall}) {
      const Pair pair(index(), 8, segment_bytes);
      const std::string with = ", with segments of " + std::to_string(segment_bytes / 1024) + " KB";
      compare_with("beside hits of nginx's proxy_cache" + with, "nginx", pair, nginx_.port);
      if (varnish_.process) {
        compare_with("beside hits of Varnish" + with, "varnish", pair, varnish_.port);
      }
    }
    const std::vector<int> numbers = processors();
    const Placement one = {numbers.front(), numbers.front()};
    const Placement two = {numbers.front(), numbers.back()};
    for (const int segment_bytes : {kLarge, kSmall}) {
      if (numbers.size() > 1) compare_with_stream(segment_bytes, two, "each side on its processor");
      compare_with_stream(segment_bytes, one, "both sides on one processor");
    }
  }

 private:
  std::string make_files() {
    const std::string files = folder_.path() + "/files";
    for (const std::size_t bytes : kSizes) make_file(files, bytes);
    std::ofstream index(folder_.path() + "/locals.txt");
    for (const std::size_t bytes : kSizes) {
      index << path_of(bytes) << ' ' << files << path_of(bytes) << '\n';
    }
    if (!index.flush()) throw std::runtime_error("cannot write " + folder_.path());
    return files;
  }

  std::string index() const { return folder_.path() + "/locals.txt"; }

  void compare_with(const std::string& title, const char* name, const Pair& pair,
                    std::uint16_t port) {
    std::printf("\n%s\n%s", title.c_str(), table_head(name).c_str());
    for (const std::size_t bytes : kSizes) {
      const Operation theirs = http_get(port, bytes);  // and with it, the file is in the cache
      for (const int connections : options_.connections) {
        Load our_load({pair.port(), {}, true}, connections, stop_fd_);
        Load their_load({port, {}, true}, connections, stop_fd_);
        show(label_of("GET", bytes, connections), {our_load, {getfile(bytes)}},
             {{their_load, {theirs}}}, options_.rounds);
      }
    }
  }

  RunningServer start_stream(int slot_bytes, const Placement& placement) {
    std::vector<std::string> argv = {kStream, std::to_string(slot_bytes),
                                     std::to_string(placement.reader)};
    for (const std::size_t bytes : kSizes) argv.push_back(files_ + path_of(bytes));
    return start_lab_server("shm_stream", on_processor(placement.sender, std::move(argv)));
  }

  void compare_with_stream(int segment_bytes, const Placement& placement, const char* where) {
    std::printf("\none segment of %d KB, beside a stream through one slot of that size, %s\n%s",
                segment_bytes / 1024, where, table_head("stream").c_str());
    const Pair pair(index(), 1, segment_bytes, placement);
    const RunningServer stream = start_stream(segment_bytes, placement);
    for (const std::size_t bytes : kSizes) {
      Load our_load({pair.port(), {}, true}, 1, stop_fd_);
      Load their_load({stream.port, {}, true}, 1, stop_fd_);
      show(label_of("GET", bytes, 1), {our_load, {getfile(bytes)}},
           {{their_load, {getfile(bytes)}}}, options_.rounds);
    }
  }

  const Options& options_;
  const int stop_fd_;
  const TempFolder folder_;  // before the servers, so that it goes after them
  const std::string files_;
  const RunningServer origin_;
  const RunningServer nginx_;
  const RunningServer varnish_;  // without a process: not installed
};

void run(const Options& options, int stop_fd) { Bench(options, stop_fd).run(); }

}  // namespace
}  // namespace kit::bench

int main(int argc, char** argv) {
  return kit::bench::run_bench(argc, argv, "proxy_cache", kit::bench::run);
}
