// handle_with_curl: the handler of the proxy. It answers with what the origin has for the path.
//
// Ownership: borrows what `arg` points to.
// Thread-safety: several threads at once, each with an Origin of its own.
// Errors: -1, see gfhandler_t.
#ifndef PROXY_HANDLE_WITH_CURL_H_
#define PROXY_HANDLE_WITH_CURL_H_

#include <sys/types.h>

#include "labs/support/gfserver/gfserver.h"

namespace proxy {

// `arg`: an Origin.
ssize_t handle_with_curl(gfcontext_t* ctx, const char* path, void* arg);

}  // namespace proxy

#endif  // PROXY_HANDLE_WITH_CURL_H_
