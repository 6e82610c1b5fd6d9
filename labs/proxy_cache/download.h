// download(): a whole file from the HTTP origin.
//
// Others wait for the same file, and the cache is to have it only if it is whole. So it is fetched
// to its end first, into a file without a name, and served from there. What does not come whole
// counts as not come at all.
//
// Ownership: a Download owns its file, which is gone with it. CurlLibrary: once per process, before
// the first thread starts, and it outlives all downloads (curl_global_init(3)).
// Thread-safety: download() by any number of threads. A Download may be read by any number.
// Errors: std::system_error, for example when the disk is full; std::runtime_error from libcurl.
#ifndef PROXY_CACHE_DOWNLOAD_H_
#define PROXY_CACHE_DOWNLOAD_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "content.h"
#include "labs/support/fd.h"

namespace proxy_cache {

class CurlLibrary {
 public:
  CurlLibrary();
  ~CurlLibrary();

  CurlLibrary(const CurlLibrary&) = delete;
  CurlLibrary& operator=(const CurlLibrary&) = delete;
};

struct Download {
  enum class Status {
    kFound,
    kNotFound,
    kFailed,
    kInCache,  // nothing was downloaded: the cache has it by now (read_through.h)
  };

  Status status = Status::kFailed;
  support::UniqueFd file;              // when it was found
  std::optional<FileContent> content;  // of the file
};

// Fetches `url`. kNotFound for the HTTP status codes 403, 404 and 410; kFailed for all others but
// 2xx, and for a file that did not come whole. Ends within a second once `is_ending` is true.
Download download(const std::string& url, const std::atomic<bool>& is_ending);

}  // namespace proxy_cache

#endif  // PROXY_CACHE_DOWNLOAD_H_
