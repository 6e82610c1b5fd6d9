// handle_with_cache: a handler that answers from the cache.
//
// The chunks go from the segment straight to the client's socket. The header goes with the first of
// them. When the content ends before its length is reached, because the cache has died or its file
// has become shorter, all that can be done is to close the connection: the client sees that its
// file is not whole. It must not be given other bytes instead.
//
// Ownership: borrows what `arg` points to. Thread-safety: any number of threads at once.
// Errors: -1, see gfhandler_t.
#ifndef PROXY_CACHE_HANDLE_WITH_CACHE_H_
#define PROXY_CACHE_HANDLE_WITH_CACHE_H_

#include <sys/types.h>

#include <optional>

#include "labs/support/gfserver/gfserver.h"
#include "proxy_side.h"

namespace proxy_cache {

// `arg`: a ProxySide.
ssize_t handle_with_cache(gfcontext_t* ctx, const char* path, void* arg);

// The same in two parts: std::nullopt when the cache does not have it, and then the client has not
// been told anything. Otherwise what a handler returns.
std::optional<ssize_t> serve_from_cache(gfcontext_t* ctx, const char* path, ProxySide& side);

}  // namespace proxy_cache

#endif  // PROXY_CACHE_HANDLE_WITH_CACHE_H_
