// Transfer: one file on its way from the origin to a client.
//
// libcurl calls back with each piece of the body as it arrives, and the piece goes out to the
// client before the next one is asked for. So a file of any size needs one buffer, and a client
// that reads slowly slows the origin down: the piece waits in gfs_send(), libcurl waits for the
// piece, and the origin waits for room in libcurl's socket.
//
// The header goes out when the first piece of the body is here. Until then everything may still
// turn out otherwise, and the client can be told; afterwards all that is left is to close the
// connection.
//
// Ownership: borrows the client's context and the origin; both must outlive it.
// Thread-safety: none; it runs on one worker's thread. Context::abort(), called by any thread, ends
// run() within a second.
// Errors: run() returns -1, as a handler does.
#ifndef PROXY_TRANSFER_H_
#define PROXY_TRANSFER_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "labs/support/deadline.h"
#include "labs/support/gfserver/gfserver.h"
#include "origin.h"
#include "spool.h"

namespace proxy {

// What the client is told for the status code of an HTTP response: GF_OK for 2xx, GF_FILE_NOT_FOUND
// for 403, 404 and 410, and GF_ERROR for all others.
gfstatus_t status_for(long http_status);

class Transfer {
 public:
  Transfer(gfcontext_t* client, Origin& origin);

  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // Fetches `url` and answers the client. Returns how many bytes of content were sent, or -1.
  ssize_t run(const std::string& url);

 private:
  // TODO(step 2): What a transfer remembers, and the parts of its work.

  // TODO(step 4): The same for bodies without a length, and for origins that behave badly.
};

}  // namespace proxy

#endif  // PROXY_TRANSFER_H_
