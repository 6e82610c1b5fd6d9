#include "send_all.h"

namespace proxy {

bool send_all(gfcontext_t* ctx, std::string_view bytes) {
  // TODO(step 1): gfs_send() may take fewer bytes than it is given. The rest is to be sent, too.
  (void)ctx;
  (void)bytes;
  return false;
}

}  // namespace proxy
