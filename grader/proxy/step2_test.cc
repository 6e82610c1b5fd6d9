// Step 2: what clients get of an origin that behaves well, a real nginx.
#include <cstdint>
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/content.h"
#include "grader/harness/holdings.h"
#include "grader/harness/nginx.h"
#include "grader/harness/stage.h"
#include "grader/proxy/getfile_client.h"
#include "grader/proxy/proxy_stage.h"

namespace kit::proxy_lab {
namespace {

constexpr std::uint64_t kMiB = 1 << 20;

KIT_CHECK(Proxy, FetchesAFile, .why = "This is what a proxy is for.",
          .hint =
              "make_url() gives the address, the write callback gets the pieces of the body, and "
              "the header "
              "goes out before the first of them.",
          .function = "proxy::handle_with_curl") {
  Nginx nginx;
  const Content content(1000);
  nginx.add_file("folder/a", content);
  require_file(start_proxy(nginx.url()), "/folder/a", content);
}

KIT_CHECK(Proxy, FetchesFilesOfAllSizes,
          .why = "The length is sent before the content, and a client believes it.",
          .hint =
              "CURLINFO_CONTENT_LENGTH_DOWNLOAD_T is known when the first piece of the body "
              "arrives. For an "
              "empty body the write callback is not called at all.",
          .function = "proxy::Transfer::run") {
  const std::uint64_t sizes[] = {
      0, 1, kMiB - 987, kMiB, kMiB + 987, 5 * kMiB - 987, 5 * kMiB + 987};
  Nginx nginx;
  for (const std::uint64_t size : sizes)
    nginx.add_file(std::to_string(size), Content(size, seed() + size));
  const Server proxy = start_proxy(nginx.url());
  for (const std::uint64_t size : sizes) {
    require_file(proxy, "/" + std::to_string(size), Content(size, seed() + size));
  }
}

KIT_CHECK(
    Proxy, FetchesAHundredMebibytes,
    .why = "Files are as large as they are. The proxy has to let them through, not to keep them.",
    .hint =
        "Send each piece to the client in the write callback. Whoever appends it to a string has "
        "the "
        "whole file in memory at the end.",
    .function = "proxy::Transfer::run") {
  constexpr std::int64_t kAllowedKb = 32 * 1024;
  const Content content(100 * kMiB);
  Nginx nginx;
  nginx.add_file("huge", content);
  const Server proxy = start_proxy(nginx.url());
  const std::int64_t before_kb = most_memory_kb(proxy);
  require_file(proxy, "/huge", content);
  const std::int64_t used_kb = most_memory_kb(proxy) - before_kb;
  require(used_kb <= kAllowedKb, "not more than 32 MiB of memory for a file of 100 MiB",
          varies(std::to_string(used_kb / 1024)) + " MiB");
}

KIT_CHECK(Proxy, TellsWhatIsNotThere,
          .why =
              "The page that an HTTP server sends with a 404 is for people. A client of GETFILE "
              "would store "
              "it as the file.",
          .hint =
              "Look at CURLINFO_RESPONSE_CODE before the first byte goes out; the body of such an "
              "answer is "
              "not for the client. status_for() is where the codes are translated.",
          .function = "proxy::status_for") {
  Nginx nginx;
  nginx.add_file("a", Content(10));
  const Server proxy = start_proxy(nginx.url());
  require_status(proxy, "/missing", "FILE_NOT_FOUND");
  did("nginx answers 403 for /forbidden/x, and 410 for /gone/x");
  require_status(proxy, "/forbidden/x", "FILE_NOT_FOUND");
  require_status(proxy, "/gone/x", "FILE_NOT_FOUND");
}

KIT_CHECK(Proxy, TellsOfErrorsOfTheOrigin,
          .why = "\"It is not there\" and \"ask again later\" are two things.",
          .hint = "Any status that is neither 2xx nor one of 403, 404 and 410 is GF_ERROR.",
          .function = "proxy::status_for") {
  Nginx nginx;
  const Server proxy = start_proxy(nginx.url());
  did("nginx answers 500 for /broken/x");
  require_status(proxy, "/broken/x", "ERROR");
}

KIT_CHECK(Proxy, TellsThatTheOriginIsDown,
          .why = "Servers are restarted. The proxy stays, and says so.",
          .hint = "A connection that is refused is a failure of curl_easy_perform(): return -1.",
          .function = "proxy::Transfer::run") {
  Nginx nginx;
  const Content content(1000);
  nginx.add_file("a", content);
  const Server proxy = start_proxy(nginx.url());
  require_file(proxy, "/a", content);
  did("nginx is killed");
  nginx.kill();
  require_status(proxy, "/a", "ERROR");
  did("nginx is started again, on the same port");
  nginx.restart();
  require_file(proxy, "/a", content);
}

KIT_CHECK(
    Proxy, SpeaksTheStockDialect,
    .why = "The programs of the original course speak another dialect of GETFILE.",
    .hint = "The library knows the dialect. Say what there is to say by gfs_sendheader() alone.",
    .function = "proxy::handle_with_curl") {
  Nginx nginx;
  const Content content(70'000);
  nginx.add_file("a", content);
  nginx.add_file("empty", Content(0));
  const Server proxy = start_proxy(nginx.url(), {"--wire", "stock"});
  require_file(proxy, "/a", content, Wire::kStock);
  require_file(proxy, "/empty", Content(0), Wire::kStock);
  require_status(proxy, "/missing", "FILE_NOT_FOUND", Wire::kStock);
  require_status(proxy, "/broken/x", "ERROR", Wire::kStock);
  did("a client of the stock dialect sends its request in four pieces");
  GetfileClient pieces(proxy, Wire::kStock);
  pieces.send_pieces({"GETFILE ", "GET ", "/a", "\r\n\r\n"}, "GET /a");
  pieces.require_file(content);
  did("and one asks in small letters, and ends with a newline");
  GetfileClient small(proxy, Wire::kStock);
  small.send("getfile get /a\n", "get /a");
  small.require_file(content);
  did("and one asks for a path that leads up");
  GetfileClient up(proxy, Wire::kStock);
  up.ask("/../a");
  up.require_no_answer();
}

KIT_CHECK(Proxy, EndsOnASignal, .why = "Who starts a server wants to stop it.",
          .hint = "main() waits for the signal; what it started must end after that.",
          .function = "proxy::Transfer::run") {
  for (const int signal : {15, 2}) {
    Nginx nginx;
    nginx.add_file("a", Content(1000));
    const Server proxy = start_proxy(nginx.url());
    require_file(proxy, "/a", Content(1000));
    require_end(proxy, signal);
  }
}

}  // namespace
}  // namespace kit::proxy_lab
