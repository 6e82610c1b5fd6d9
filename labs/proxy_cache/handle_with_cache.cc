#include "handle_with_cache.h"

// TODO(step 4): Headers that you need for this step.

namespace proxy_cache {

// TODO(step 4): Functions of your own can stand here.

std::optional<ssize_t> serve_from_cache(gfcontext_t* ctx, const char* path, ProxySide& side) {
  // TODO(step 4): Ask, and pass on what comes. A path that no command can carry is not in the
  // cache.
  (void)ctx;
  (void)path;
  (void)side;
  return -1;
}

ssize_t handle_with_cache(gfcontext_t* ctx, const char* path, void* arg) {
  // TODO(step 4): Tell the client what it has not been told yet. ERROR is said for you, see
  // gfhandler_t.
  (void)ctx;
  (void)path;
  (void)arg;
  return -1;
}

}  // namespace proxy_cache
