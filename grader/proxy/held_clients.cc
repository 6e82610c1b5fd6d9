#include "grader/proxy/held_clients.h"

namespace kit::proxy_lab {
namespace {

// How often it is looked whether a client has an answer already.
constexpr int kLookMs = 20;

std::string requests_at_once(int count) {
  return std::to_string(count) + (count == 1 ? " request is" : " requests are") +
         " at the origin at the same time";
}

}  // namespace

void hold(HttpOrigin& origin) {
  origin.on("/held", [](HttpOrigin::Exchange& exchange) {
    exchange.wait_at_gate();
    exchange.send(ok_head(kHeld.size()) + kHeld.all());
  });
}

std::deque<GetfileClient> ask_for(const Server& proxy, const std::string& path, int count) {
  std::deque<GetfileClient> clients;
  for (int i = 0; i < count; ++i) clients.emplace_back(proxy).ask(path);
  return clients;
}

void require_at_once(HttpOrigin& origin, int count, std::deque<GetfileClient>& clients) {
  while (!origin.wait_for_at_once(count, deadline().but_at_most_ms(kLookMs))) {
    for (GetfileClient& client : clients) {
      if (!client.has_answer()) continue;
      fail(requests_at_once(count),
           "a client was answered before: \"" + client.read_header() + "\"");
    }
    if (!deadline().expired()) continue;
    fail_hung(requests_at_once(count), varies(std::to_string(origin.at_once())));
  }
}

}  // namespace kit::proxy_lab
