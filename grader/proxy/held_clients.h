// Clients that wait for a file which the origin holds back: so many requests are under way at the
// same time as the proxy lets be.
//
//     HttpOrigin origin;
//     hold(origin);
//     const Server proxy = start_proxy(origin.url(), {"-t", "4"});
//     std::deque<GetfileClient> clients = ask_for(proxy, "/held", 3);
//     require_at_once(origin, 3, clients);
//     origin.open_gate();
//     for (GetfileClient& client : clients) client.require_file(kHeld);
//
// Thread-safety: for the check's thread. Errors: the verdicts of check.h.
#ifndef GRADER_PROXY_HELD_CLIENTS_H_
#define GRADER_PROXY_HELD_CLIENTS_H_

#include <deque>
#include <string>

#include "grader/harness/check.h"
#include "grader/harness/content.h"
#include "grader/proxy/getfile_client.h"
#include "grader/proxy/http_origin.h"

namespace kit::proxy_lab {

// What `/held` is, once the gate is open.
inline const Content kHeld(2000, 7);

void hold(HttpOrigin& origin);

// So many clients that have asked for the path, and read nothing yet.
std::deque<GetfileClient> ask_for(const Server& proxy, const std::string& path, int count);

// Requires that so many requests are being answered by the origin at the same time, before any of
// these clients has its answer.
void require_at_once(HttpOrigin& origin, int count, std::deque<GetfileClient>& clients);

}  // namespace kit::proxy_lab

#endif  // GRADER_PROXY_HELD_CLIENTS_H_
