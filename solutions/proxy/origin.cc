#include "origin.h"

#include <stdexcept>

namespace proxy {

//~ begin step 2: Functions of your own can stand here.
namespace {

// Not fewer than a few pages, so that a large file does not take too many calls, and not many more:
// each worker has one.
constexpr long kReceiveBuffer = 64 * 1024;

void check(CURLcode code, const char* call) {
  if (code != CURLE_OK) {
    throw std::runtime_error(std::string(call) + ": " + ::curl_easy_strerror(code));
  }
}

template <typename Value>
void set(CURL* handle, CURLoption option, Value value) {
  check(::curl_easy_setopt(handle, option, value), "curl_easy_setopt");
}

// libcurl knows two dozen protocols, file:// and smtp:// among them.
void allow_http_only(CURL* handle) {
#if LIBCURL_VERSION_NUM >= 0x075500
  set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  set(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
  set(handle, CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
  set(handle, CURLOPT_REDIR_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

}  // namespace
//~ end

CurlLibrary::CurlLibrary() {
  //~ begin step 2: curl_global_init(3). It may not be called while other threads run.
  check(::curl_global_init(CURL_GLOBAL_DEFAULT), "curl_global_init");
  //~ end
}

CurlLibrary::~CurlLibrary() {
  //~ begin step 2: curl_global_cleanup(3).
  ::curl_global_cleanup();
  //~ end
}

//~ begin step 2: Make the handle (curl_easy_init(3)), and set what is the same for every request.
//~| Origin::Origin(const OriginOptions& options) : options_(options) {}
Origin::Origin(const OriginOptions& options) : options_(options), handle_(::curl_easy_init()) {
  if (!handle_) throw std::runtime_error("curl_easy_init failed");
  // The path is the client's, to the letter: no "/./" is taken out of it.
  set(handle(), CURLOPT_PATH_AS_IS, 1L);
  set(handle(), CURLOPT_BUFFERSIZE, kReceiveBuffer);
  set(handle(), CURLOPT_USERAGENT, "webproxy");
  // With signals, libcurl would end a slow look-up of a name by SIGALRM and longjmp(), which no
  // program with threads survives (libcurl-thread(3)).
  set(handle(), CURLOPT_NOSIGNAL, 1L);
  set_limits();
}
//~ end

void Origin::set_limits() {
  //~ begin step 4: What an origin may not do: keep a request for longer than the two times in
  //~   options_, send it on more than kMaxRedirects times, or to anything but http and https.
  set(handle(), CURLOPT_CONNECTTIMEOUT, static_cast<long>(options_.connect_timeout_s));
  set(handle(), CURLOPT_TIMEOUT, static_cast<long>(options_.max_time_s));
  set(handle(), CURLOPT_FOLLOWLOCATION, 1L);
  set(handle(), CURLOPT_MAXREDIRS, kMaxRedirects);
  // A redirect to file:///etc/passwd would make the proxy give away its own machine's files.
  allow_http_only(handle());
  // A look-up of a name that hangs has a thread of its own inside of libcurl. The end of the
  // program does not wait for it.
#if LIBCURL_VERSION_NUM >= 0x075700
  set(handle(), CURLOPT_QUICK_EXIT, 1L);
#endif
  //~ end
}

}  // namespace proxy
