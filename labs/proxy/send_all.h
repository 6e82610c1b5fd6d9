// send_all: gfs_send until all of it is sent.
//
// Ownership: borrows both. Thread-safety: as gfs_send. Errors: false, and errno is set; the client
// has gone, or the handler's time is up. There is nothing to do then but to return -1.
#ifndef PROXY_SEND_ALL_H_
#define PROXY_SEND_ALL_H_

#include <string_view>

#include "labs/support/gfserver/gfserver.h"

namespace proxy {

bool send_all(gfcontext_t* ctx, std::string_view bytes);

}  // namespace proxy

#endif  // PROXY_SEND_ALL_H_
