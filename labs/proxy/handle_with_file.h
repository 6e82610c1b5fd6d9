// handle_with_file: the worked example. A handler that serves the files of a folder.
//
// Read handle_with_file.cc from top to bottom before you write a handler of your own. It has all
// that a handler needs: it looks at the path before it trusts it, learns the length before it sends
// the header, sends in pieces, and takes the result of every call.
//
// Ownership: borrows what `arg` points to.
// Thread-safety: any number of threads at once.
// Errors: -1, see gfhandler_t.
#ifndef PROXY_HANDLE_WITH_FILE_H_
#define PROXY_HANDLE_WITH_FILE_H_

#include <sys/types.h>

#include "labs/support/gfserver/gfserver.h"

namespace proxy {

// `arg`: a std::string, the folder. A path that leads out of it is not found.
ssize_t handle_with_file(gfcontext_t* ctx, const char* path, void* arg);

}  // namespace proxy

#endif  // PROXY_HANDLE_WITH_FILE_H_
