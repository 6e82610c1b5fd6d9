#include "origin.h"

#include <stdexcept>

namespace proxy {

// TODO(step 2): Functions of your own can stand here.

CurlLibrary::CurlLibrary() {
  // TODO(step 2): curl_global_init(3). It may not be called while other threads run.
}

CurlLibrary::~CurlLibrary() {
  // TODO(step 2): curl_global_cleanup(3).
}

// TODO(step 2): Make the handle (curl_easy_init(3)), and set what is the same for every request.
Origin::Origin(const OriginOptions& options) : options_(options) {}

void Origin::set_limits() {
  // TODO(step 4): What an origin may not do: keep a request for longer than the two times in
  // options_, send it on more than kMaxRedirects times, or to anything but http and https.
}

}  // namespace proxy
