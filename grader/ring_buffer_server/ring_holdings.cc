#include "grader/ring_buffer_server/ring_holdings.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "grader/harness/tcp_peer.h"
#include "grader/ring_buffer_server/ring_peer.h"

namespace kit::ring_lab {
namespace {

constexpr int kLookAgainUs = 1000;

// A server may keep something for the next client.
constexpr int kSlack = 4;

// A stack that was not given back is two areas of memory. The heap grows by some, too: it has at
// most eight parts for each processor.
int allowed_areas(int clients) { return std::max(clients / 2, 200); }

// Well above what the allocator keeps for later, and well below what a connection costs.
std::int64_t allowed_kb(int clients) { return 4096 + clients / 2; }

bool is_back(const Holdings& now, const Holdings& before) {
  return now.threads <= before.threads + kSlack && now.descriptors <= before.descriptors + kSlack;
}

Holdings wait_until_back(const Server& server, const Holdings& before) {
  for (;;) {
    const Holdings now = holdings_of(server);
    if (is_back(now, before) || deadline().remaining_ms() < 100) return now;
    static_cast<void>(usleep(kLookAgainUs));
  }
}

void require_no_more(const std::string& what, std::int64_t before, std::int64_t after,
                     std::int64_t slack, const std::string& remark = "") {
  if (after <= before + slack) return;
  fail("as many " + what + " as before they came, or a few more",
       varies(std::to_string(before)) + " " + what + " before, " + varies(std::to_string(after)) +
           " after" + remark,
       Status::kLeaked);
}

}  // namespace

void come_and_go(const Server& server, int count, const std::string& name) {
  for (int i = 0; i < count; ++i) {
    TcpOptions options;
    options.port = server.port;
    TcpPeer tcp(box().connect(options, deadline()), "ring_server");
    RingPeer peer(tcp);
    peer.enter(name + std::to_string(i));
    if (i % 2 == 0) peer.quit();
  }
}

Holdings holdings_of(const Server& server) {
  const std::optional<Holdings> holdings = server.process.holdings();
  if (!holdings) fail("ring_server goes on", "it has ended");
  return *holdings;
}

void require_back(const Server& server, const Holdings& before, int clients) {
  const Holdings after = wait_until_back(server, before);
  require_no_more("threads", before.threads, after.threads, kSlack);
  require_no_more("open descriptors", before.descriptors, after.descriptors, kSlack);
  if (config().mode != Mode::kPlain) return;
  require_no_more("areas of memory", before.mappings, after.mappings, allowed_areas(clients),
                  ": a thread that ended and that nobody joined keeps its stack");
  require_no_more("KB of memory", before.memory_kb, after.memory_kb, allowed_kb(clients));
}

}  // namespace kit::ring_lab
