#include "download.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <stdexcept>

#include "labs/support/error.h"

namespace proxy_cache {
namespace {

void check(CURLcode code, const char* call) {
  if (code != CURLE_OK)
    throw std::runtime_error(std::string(call) + ": " + curl_easy_strerror(code));
}

//~ begin step 6: Functions of your own can stand here.
constexpr long kConnectTimeoutS = 5;
constexpr long kMaxTimeS = 60;
constexpr long kMaxRedirects = 5;

struct Cleanup {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Handle = std::unique_ptr<CURL, Cleanup>;

template <typename Value>
void set(const Handle& handle, CURLoption option, Value value) {
  check(curl_easy_setopt(handle.get(), option, value), "curl_easy_setopt");
}

// A file without a name: nothing is left of it, whatever way the process ends.
support::UniqueFd open_nameless_file() {
  const char* folder = std::getenv("TMPDIR");
  if (folder == nullptr || *folder == '\0') folder = "/tmp";
  support::UniqueFd fd(::open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!fd) support::throw_errno(std::string("open a temporary file in ") + folder);
  return fd;
}

// libcurl has a piece of the body. Any other result than `count` ends the transfer. Nothing may be
// thrown through libcurl, which is written in C.
std::size_t on_body(char* data, std::size_t, std::size_t count, void* file) noexcept {
  const int fd = static_cast<support::UniqueFd*>(file)->get();
  for (std::size_t written = 0; written < count;) {
    ssize_t some = ::write(fd, data + written, count - written);
    if (some < 0 && errno != EINTR) return 0;  // the disk is full
    if (some > 0) written += static_cast<std::size_t>(some);
  }
  return count;
}

// libcurl calls this often, and once a second when nothing happens. Not 0 ends the transfer.
int on_progress(void* is_ending, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
  return static_cast<const std::atomic<bool>*>(is_ending)->load() ? 1 : 0;
}

void set_limits(const Handle& handle) {
  set(handle, CURLOPT_CONNECTTIMEOUT, kConnectTimeoutS);
  set(handle, CURLOPT_TIMEOUT, kMaxTimeS);
  set(handle, CURLOPT_FOLLOWLOCATION, 1L);
  set(handle, CURLOPT_MAXREDIRS, kMaxRedirects);
  // A redirect to file:///etc/passwd would make the proxy give away its own machine's files.
#if LIBCURL_VERSION_NUM >= 0x075500
  set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  set(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
  set(handle, CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
  set(handle, CURLOPT_REDIR_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

void set_up(const Handle& handle, const std::string& url, support::UniqueFd& file,
            const std::atomic<bool>& is_ending) {
  set(handle, CURLOPT_URL, url.c_str());
  set(handle, CURLOPT_PATH_AS_IS, 1L);
  set(handle, CURLOPT_USERAGENT, "webproxy");
  set(handle, CURLOPT_NOSIGNAL, 1L);     // signals and threads do not go together
  set(handle, CURLOPT_FAILONERROR, 1L);  // 400 and above: the error page is not wanted
  set(handle, CURLOPT_WRITEFUNCTION, &on_body);
  set(handle, CURLOPT_WRITEDATA, &file);
  set(handle, CURLOPT_XFERINFOFUNCTION, &on_progress);
  set(handle, CURLOPT_XFERINFODATA, &is_ending);
  set(handle, CURLOPT_NOPROGRESS, 0L);
  set_limits(handle);
}

// What it came to. A body that is shorter than announced is an error of libcurl's.
Download::Status status_of(CURLcode code, long http_status) {
  if (http_status == 403 || http_status == 404 || http_status == 410) {
    return Download::Status::kNotFound;
  }
  bool is_found = code == CURLE_OK && 200 <= http_status && http_status < 300;
  return is_found ? Download::Status::kFound : Download::Status::kFailed;
}
//~ end

}  // namespace

CurlLibrary::CurlLibrary() { check(curl_global_init(CURL_GLOBAL_DEFAULT), "curl_global_init"); }

CurlLibrary::~CurlLibrary() { curl_global_cleanup(); }

Download download(const std::string& url, const std::atomic<bool>& is_ending) {
  //~ begin step 6: curl_easy_perform(3), into a file without a name (open(2), O_TMPFILE).
  //~| (void)url;
  //~| (void)is_ending;
  //~| return {};
  Download result;
  result.file = open_nameless_file();
  Handle handle(curl_easy_init());
  if (!handle) throw std::runtime_error("curl_easy_init failed");
  set_up(handle, url, result.file, is_ending);
  CURLcode code = curl_easy_perform(handle.get());
  long http_status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &http_status);
  result.status = status_of(code, http_status);
  if (result.status == Download::Status::kFound) result.content.emplace(result.file.get());
  return result;
  //~ end
}

}  // namespace proxy_cache
