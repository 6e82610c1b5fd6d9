#include "send_all.h"

namespace proxy {

bool send_all(gfcontext_t* ctx, std::string_view bytes) {
  //~ begin step 1: gfs_send() may take fewer bytes than it is given. The rest is to be sent, too.
  //~| (void)ctx;
  //~| (void)bytes;
  //~| return false;
  while (!bytes.empty()) {
    ssize_t count = gfs_send(ctx, bytes.data(), bytes.size());
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
  //~ end
}

}  // namespace proxy
