// Origin: what one worker has for talking to the HTTP server, and CurlLibrary: libcurl itself.
//
// A curl easy handle keeps its connection when a request is over. The next request through the same
// handle needs no new connection, and with https no new TLS handshake: that is most of the time a
// small file takes. So each worker makes one Origin and keeps it.
//
// Ownership: an Origin owns its easy handle and, through it, the connections to the origin.
// Thread-safety: none. A handle is for one thread at a time (libcurl-thread(3)), hence one for each
// worker. CurlLibrary: once per process, before the first thread starts, and it outlives every
// Origin (curl_global_init(3)).
// Errors: the constructors throw std::runtime_error.
#ifndef PROXY_ORIGIN_H_
#define PROXY_ORIGIN_H_

#include <curl/curl.h>

#include <cstdint>
#include <memory>
#include <string>

namespace proxy {

class CurlLibrary {
 public:
  CurlLibrary();
  ~CurlLibrary();

  CurlLibrary(const CurlLibrary&) = delete;
  CurlLibrary& operator=(const CurlLibrary&) = delete;
};

struct OriginOptions {
  std::string server = "https://raw.githubusercontent.com/gt-cs6200/image_data";
  std::int64_t connect_timeout_s = 5;  // for finding and reaching the origin
  std::int64_t max_time_s = 60;        // for a whole request
};

class Origin {
 public:
  // How often an origin may send a request on to another address.
  static constexpr long kMaxRedirects = 5;

  explicit Origin(const OriginOptions& options);

  // What the paths are appended to.
  const std::string& server() const { return options_.server; }

  // The handle, set up with all that is the same for every request.
  CURL* handle() const { return handle_.get(); }

 private:
  // Gives a handle back when its pointer goes, also when a constructor fails half-way.
  struct Cleanup {
    void operator()(CURL* handle) const { ::curl_easy_cleanup(handle); }
  };

  void set_limits();

  const OriginOptions options_;
  const std::unique_ptr<CURL, Cleanup> handle_;
};

}  // namespace proxy

#endif  // PROXY_ORIGIN_H_
