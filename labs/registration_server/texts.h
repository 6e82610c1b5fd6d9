// The words for what goes over the wire, as users, logs and scripts see them.
//
// Thread-safety: the functions keep no state. Errors: none.
#ifndef REGISTRATION_TEXTS_H_
#define REGISTRATION_TEXTS_H_

#include <string>

#include "registry.h"
#include "wire.h"

namespace registration {

const char* action_text(wire::Action action);  // "SEND"; "?" for one that does not exist
const char* status_text(wire::Status status);  // "no-such-client"

// The summary, some lines:
//
//     summary clients=2
//     client name=alice key=0123456789abcdef requests=12
//     client name=bob key=fedcba9876543210 requests=3
//     left clients=5 requests=40
//     refused requests=7
//     total requests=62
std::string summary_text(const Summary& summary);

}  // namespace registration

#endif  // REGISTRATION_TEXTS_H_
