#include "handle_with_curl.h"

//~ begin step 2: Headers that you need for this step.
#include <optional>
#include <string>

#include "origin.h"
#include "transfer.h"
#include "url.h"
//~ end

namespace proxy {

ssize_t handle_with_curl(gfcontext_t* ctx, const char* path, void* arg) {
  //~ begin step 2: A path that must not be sent is INVALID; any other is a Transfer.
  //~| (void)ctx;
  //~| (void)path;
  //~| (void)arg;
  //~| return -1;
  Origin& origin = *static_cast<Origin*>(arg);
  std::optional<std::string> url = make_url(origin.server(), path);
  if (!url) return gfs_sendheader(ctx, GF_INVALID, 0);
  return Transfer(ctx, origin).run(*url);
  //~ end
}

}  // namespace proxy
