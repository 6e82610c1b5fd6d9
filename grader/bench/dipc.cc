// The DIPC server's figures: read and write beside memcached's get and set, and beside a server
// that only sends and receives.
//
// A mailbox is one key of memcached. Eight mailboxes or one for eight readers should make no
// difference: readers share the lock.
#include <cstdio>

#include "grader/bench/compare.h"
#include "grader/bench/options.h"
#include "grader/bench/server.h"

namespace kit::bench {
namespace {

constexpr char kServer[] = "solutions/dipc/dipc";
constexpr char kPingPong[] = "grader/bench/ping_pong";
constexpr int kMailboxes = 8;
constexpr int kKilobytes = 100;
constexpr std::size_t kSizes[] = {1024, kKilobytes * 1024};

// "ok <length>", and so many bytes.
std::size_t dipc_body_after(std::string_view line) {
  if (!line.starts_with("ok ")) throw_unexpected(line);
  return parse_length(line.substr(3), line);
}

Operation dipc_read(int mailbox, std::size_t bytes) {
  return {"r " + std::to_string(mailbox) + "\n", 1, bytes, dipc_body_after};
}

Operation dipc_write(int mailbox, std::size_t bytes) {
  return {
      "w " + std::to_string(mailbox) + " " + std::to_string(bytes) + "\n" + std::string(bytes, 'x'),
      1, 0, dipc_body_after};
}

// "VALUE <key> <flags> <length>\r", then the value, "\r\n" and "END\r\n".
std::size_t memcached_body_after(std::string_view line) {
  if (line == "STORED\r") return 0;
  if (!line.starts_with("VALUE ") || !line.ends_with('\r')) throw_unexpected(line);
  line.remove_suffix(1);
  return parse_length(line.substr(line.rfind(' ') + 1), line) + 2 + 5;
}

Operation memcached_get(std::size_t bytes) {
  return {"get mailbox\r\n", 1, bytes + 7, memcached_body_after};
}

Operation memcached_set(std::size_t bytes) {
  return {"set mailbox 0 0 " + std::to_string(bytes) + "\r\n" + std::string(bytes, 'x') + "\r\n", 1,
          0, memcached_body_after};
}

std::size_t ping_body_after(std::string_view line) { return parse_length(line, line); }

Operation ping_get(std::size_t bytes) {
  return {"g " + std::to_string(bytes) + "\n", 1, bytes, ping_body_after};
}

Operation ping_put(std::size_t bytes) {
  return {"p " + std::to_string(bytes) + "\n" + std::string(bytes, 'x'), 1, 0, ping_body_after};
}

class Bench {
 public:
  Bench(const Options& options, int stop_fd) : options_(options), stop_fd_(stop_fd) {
    dipc_ =
        start_lab_server("dipc", {kServer, std::to_string(kMailboxes), std::to_string(kKilobytes),
                                  "0", std::to_string(kKilobytes), "--foreground"});
    memcached_ = start_memcached();
    ping_pong_ = start_lab_server("ping_pong", {kPingPong});
  }

  void run() {
    if (memcached_.process) {
      std::printf("\nread beside get, write beside set\n%s", table_head("memcached").c_str());
      compare_with(memcached_, memcached_get, memcached_set);
    } else {
      std::printf("memcached is not installed (apt-get install memcached)\n");
    }
    std::printf("\nbeside a server that only sends and receives\n%s",
                table_head("ping-pong").c_str());
    compare_with(ping_pong_, ping_get, ping_put);
    std::printf("\neight readers of one mailbox beside eight readers of eight\n%s",
                table_head("eight").c_str());
    compare_sharing();
  }

 private:
  using MakeOperation = Operation (*)(std::size_t bytes);

  void compare_with(const RunningServer& theirs, MakeOperation get, MakeOperation put) {
    for (const std::size_t bytes : kSizes) {
      for (const int connections : options_.connections) {
        Load our_load({dipc_.port, {}}, connections, stop_fd_);
        Load their_load({theirs.port, {}}, connections, stop_fd_);
        // Writing comes first: it leaves data of this size to read.
        show(label_of("write", bytes, connections), {our_load, {dipc_write(0, bytes)}},
             {{their_load, {put(bytes)}}}, options_.rounds);
        show(label_of("read", bytes, connections), {our_load, {dipc_read(0, bytes)}},
             {{their_load, {get(bytes)}}}, options_.rounds);
      }
    }
  }

  void compare_sharing() {
    for (const std::size_t bytes : kSizes) {
      std::vector<Operation> writes;
      std::vector<Operation> reads;
      for (int mailbox = 0; mailbox < kMailboxes; ++mailbox) {
        writes.push_back(dipc_write(mailbox, bytes));
        reads.push_back(dipc_read(mailbox, bytes));
      }
      Load one({dipc_.port, {}}, kMailboxes, stop_fd_);
      Load eight({dipc_.port, {}}, kMailboxes, stop_fd_);
      eight.run(writes, 1);  // each at least once
      show(label_of("read", bytes, kMailboxes), {one, {reads[0]}}, {{eight, reads}},
           options_.rounds);
    }
  }

  const Options& options_;
  const int stop_fd_;
  RunningServer dipc_;
  RunningServer memcached_;  // without a process: not installed
  RunningServer ping_pong_;
};

void run(const Options& options, int stop_fd) { Bench(options, stop_fd).run(); }

}  // namespace
}  // namespace kit::bench

int main(int argc, char** argv) {
  return kit::bench::run_bench(argc, argv, "dipc", kit::bench::run);
}
