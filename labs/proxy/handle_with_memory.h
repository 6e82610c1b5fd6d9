// handle_with_memory: a handler that serves files from memory.
//
// The warm-up of step 1. No disk and no network: just the three answers there are (the file, no
// such file, and nothing more for a client that has gone), and the length that must be right.
//
// Ownership: borrows what `arg` points to.
// Thread-safety: any number of threads at once, while nobody changes the files.
// Errors: -1, see gfhandler_t.
#ifndef PROXY_HANDLE_WITH_MEMORY_H_
#define PROXY_HANDLE_WITH_MEMORY_H_

#include <sys/types.h>

#include <map>
#include <string>

#include "labs/support/gfserver/gfserver.h"

namespace proxy {

// What is served: "/path" to content. Content is bytes: there may be NULs in it, or nothing at all.
using MemoryFiles = std::map<std::string, std::string, std::less<>>;

// `arg`: a const MemoryFiles.
ssize_t handle_with_memory(gfcontext_t* ctx, const char* path, void* arg);

}  // namespace proxy

#endif  // PROXY_HANDLE_WITH_MEMORY_H_
