#include "grader/ring_buffer_server/ring_holdings.h"

#include <algorithm>
#include <cstdint>

#include "grader/harness/tcp_peer.h"
#include "grader/ring_buffer_server/ring_peer.h"

namespace kit::ring_lab {
namespace {

// A stack that was not given back is two areas of memory. The heap grows by some, too: it has at
// most eight parts for each processor.
int allowed_areas(int clients) { return std::max(clients / 2, 200); }

// Well above what the allocator keeps for later, and well below what a connection costs.
std::int64_t allowed_kb(int clients) { return 4096 + clients / 2; }

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

void require_back(const Server& server, const Holdings& before, int clients) {
  kit::require_back(server, before,
                    {.mappings = allowed_areas(clients), .memory_kb = allowed_kb(clients)});
}

}  // namespace kit::ring_lab
