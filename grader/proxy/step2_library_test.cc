// Step 2: libcurl is begun once, and each handle is given back.
#include <string>

#include "grader/harness/check.h"
#include "grader/harness/content.h"
#include "grader/harness/probe_run.h"
#include "grader/proxy/http_origin.h"

namespace kit::proxy_lab {
namespace {

constexpr char kProbe[] = "curl_probe";

KIT_CHECK(Library, IsBegunOnce,
          .why =
              "curl_global_init() is for the whole program, before there are threads. In many "
              "versions of "
              "libcurl it may not be called by two of them at once.",
          .hint =
              "It belongs into the constructor of CurlLibrary, which webproxy makes once, and "
              "nowhere else.",
          .function = "proxy::CurlLibrary::CurlLibrary") {
  HttpOrigin origin;
  origin.serve("/a", Content(100));
  require_results(kProbe, {origin.url()},
                  {{{"start", {"3"}}, "made"},
                   {{"fetch", {"0", "/a"}}, "GETFILE OK 100"},
                   {{"fetch", {"1", "/a"}}, "GETFILE OK 100"},
                   {{"count", {"curl_global_init"}}, "1, first of all"},
                   {{"end", {}}, "destroyed"},
                   {{"count", {"curl_global_init"}}, "1, first of all"},
                   {{"count", {"curl_global_cleanup"}}, "1"}});
}

KIT_CHECK(Library, HasOneHandleForEachWorker,
          .why =
              "A handle keeps its connection, and what else it has learned. And it is for one "
              "thread at a "
              "time, so each worker has its own.",
          .hint =
              "Make the handle in the constructor of Origin, clean it up in its destructor, and "
              "make no other.",
          .function = "proxy::Origin::Origin") {
  HttpOrigin origin;
  origin.serve("/a", Content(100));
  require_results(kProbe, {origin.url()},
                  {{{"start", {"3"}}, "made"},
                   {{"fetch", {"0", "/a"}}, "GETFILE OK 100"},
                   {{"fetch", {"0", "/a"}}, "GETFILE OK 100"},
                   {{"fetch", {"1", "/a"}}, "GETFILE OK 100"},
                   {{"fetch", {"2", "/b"}}, "GETFILE FILE_NOT_FOUND"},
                   {{"count", {"curl_easy_init"}}, "3"},
                   {{"end", {}}, "destroyed"},
                   {{"count", {"curl_easy_cleanup"}}, "3"}});
}

}  // namespace
}  // namespace kit::proxy_lab
