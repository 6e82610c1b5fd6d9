// The ring-buffer server's figures: SET and GET beside what does the same in Redis.
//
// A ring of messages in Redis is a list that is cut after each push: LPUSH and LTRIM, sent together
// as a sane client does, count as one operation beside one SET. The newest message is LINDEX 0
// beside GET. Both servers keep 64 messages.
//
// What to expect: nearly all of the time is the kernel's. A thread for each connection, which the
// lab asks for, is woken and switched to for every request, while Redis serves all who have asked
// in one turn of its loop. With one connection there is no difference, and the shorter protocol
// wins; with many on few processors the switches cost about as much as sending and receiving.

#include <cstdio>

#include "grader/bench/compare.h"
#include "grader/bench/options.h"
#include "grader/bench/server.h"

namespace kit::bench {
namespace {

constexpr char kServer[] = "solutions/ring_buffer_server/ring_server";
constexpr int kCapacity = 64;
constexpr std::size_t kSizes[] = {1024, 100 * 1024};

// The lab's protocol: of its answers to these operations, only MSG has a body, and '\n' after it.
std::size_t ring_body_after(std::string_view line) {
  if (line.starts_with("MSG ")) return parse_length(line.substr(line.rfind(' ') + 1), line) + 1;
  if (line.starts_with("OK ") || line.starts_with("RING/1 ") || line.starts_with("WELCOME ")) {
    return 0;
  }
  throw_unexpected(line);
}

// Redis's protocol, RESP2: ":7" is a number, "+OK" a word, "$1024" says that a body follows, and
// "\r\n" after it.
std::size_t redis_body_after(std::string_view line) {
  if (!line.ends_with('\r')) throw_unexpected(line);
  line.remove_suffix(1);
  if (line.starts_with('$')) return parse_length(line.substr(1), line) + 2;
  if (line.starts_with(':') || line.starts_with('+')) return 0;
  throw_unexpected(line);
}

// A greeting comes unasked, and the answer to HELLO: two replies. No name is used twice: the server
// may not have noticed yet that its last holder has gone.
Operation ring_hello() {
  static int last = 0;
  return {"HELLO bench-" + std::to_string(++last) + "\n", 2, 0, ring_body_after};
}

Operation ring_set(const std::string& body) {
  return {"SETB " + std::to_string(body.size()) + "\n" + body, 1, 0, ring_body_after};
}

Operation ring_get(const std::string& body) {
  return {"GET\n", 1, body.size() + 1, ring_body_after};
}

// A command as Redis's clients send it: the number of words, then each with its length.
std::string redis_command(const std::vector<std::string>& words) {
  std::string command = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) {
    command += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  }
  return command;
}

Operation redis_set(const std::string& body) {
  const std::string last = std::to_string(kCapacity - 1);
  return {redis_command({"LPUSH", "ring", body}) + redis_command({"LTRIM", "ring", "0", last}), 2,
          0, redis_body_after};
}

Operation redis_get(const std::string& body) {
  return {redis_command({"LINDEX", "ring", "0"}), 1, body.size() + 2, redis_body_after};
}

struct Servers {
  RunningServer ring;
  RunningServer redis;  // without a process: not installed
};

Servers start_servers() {
  return {start_lab_server("ring_server",
                           {kServer, "--port", "0", "--capacity", std::to_string(kCapacity),
                            "--max-message", std::to_string(kSizes[1])}),
          start_redis()};
}

class Bench {
 public:
  Bench(const Servers& servers, const Options& options, int stop_fd)
      : servers_(servers), options_(options), stop_fd_(stop_fd) {}

  void run() {
    std::fputs(table_head("redis").c_str(), stdout);
    for (const std::size_t bytes : kSizes) {
      for (const int connections : options_.connections) measure(bytes, connections);
    }
  }

 private:
  void measure(std::size_t bytes, int connections) {
    const std::string body(bytes, 'x');
    Load ring({servers_.ring.port, ring_hello}, connections, stop_fd_);
    std::optional<Load> redis;
    if (servers_.redis.process) {
      redis.emplace(Endpoint{servers_.redis.port, {}}, connections, stop_fd_);
    }
    // SET comes first: it leaves messages of this size for GET.
    show(label_of("SET", bytes, connections), ring, ring_set(body), redis, redis_set(body));
    show(label_of("GET", bytes, connections), ring, ring_get(body), redis, redis_get(body));
  }

  void show(const std::string& label, Load& ring, const Operation& ours, std::optional<Load>& redis,
            const Operation& theirs) {
    std::optional<Contender> other;
    if (redis) other.emplace(Contender{*redis, {theirs}});
    bench::show(label, {ring, {ours}}, other, options_.rounds);
  }

  const Servers& servers_;
  const Options& options_;
  const int stop_fd_;
};

void run(const Options& options, int stop_fd) {
  const Servers servers = start_servers();
  std::printf("SET beside LPUSH and LTRIM in one send, GET beside LINDEX 0\n");
  if (!servers.redis.process) {
    std::printf(
        "redis-server is not installed: our figures alone (apt-get install redis-server)\n");
  }
  Bench(servers, options, stop_fd).run();
}

}  // namespace
}  // namespace kit::bench

int main(int argc, char** argv) {
  return kit::bench::run_bench(argc, argv, "ring_buffer_server", kit::bench::run);
}
