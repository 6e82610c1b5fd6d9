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
  //~ begin step 2: What a transfer remembers, and the parts of its work.
  // What is done with the pieces of the body. It is decided when the first of them is here.
  enum class Body { kNotBegun, kSend, kDiscard, kSpool };

  static std::size_t on_body(char* data, std::size_t, std::size_t count, void* self) noexcept;
  void set_up(const std::string& url);
  bool begin();
  bool take(std::string_view piece);
  bool finish(CURLcode code);

  gfcontext_t* const client_;
  Origin& origin_;
  Body body_ = Body::kNotBegun;
  std::uint64_t sent_ = 0;
  std::uint64_t discarded_ = 0;
  //~ end

  //~ begin step 4: The same for bodies without a length, and for origins that behave badly.
  static std::size_t on_header(char* data, std::size_t, std::size_t count, void* self) noexcept;
  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept;
  void watch();
  bool is_in_vain();
  bool send_spool();

  std::optional<Spool> spool_;
  std::uint64_t header_bytes_ = 0;
  support::Deadline next_look_ = support::Deadline::after_ms(500);
  //~ end
};

}  // namespace proxy

#endif  // PROXY_TRANSFER_H_
