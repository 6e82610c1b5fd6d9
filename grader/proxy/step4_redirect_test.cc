// Step 4: origins that send the proxy elsewhere.
#include <fstream>
#include <string>

#include "grader/harness/check.h"
#include "grader/harness/content.h"
#include "grader/proxy/getfile_client.h"
#include "grader/proxy/http_origin.h"
#include "grader/proxy/proxy_stage.h"

namespace kit::proxy_lab {
namespace {

using Exchange = HttpOrigin::Exchange;

const Content kSmall(3000, 11);

KIT_CHECK(
    Redirect, IsFollowedFiveTimes,
    .why = "Files move. But two addresses that point at each other would keep a worker for ever.",
    .hint = "CURLOPT_FOLLOWLOCATION, and CURLOPT_MAXREDIRS.",
    .function = "proxy::Origin::set_limits") {
  HttpOrigin origin;
  for (int i = 1; i <= 6; ++i) {
    origin.on("/hop" + std::to_string(i), [i](Exchange& exchange) {
      const std::string next = i == 1 ? "/file" : "/hop" + std::to_string(i - 1);
      exchange.send(head_of(i % 2 == 0 ? 301 : 302, 5, "Location: " + next + "\r\n") + "moved");
    });
  }
  origin.serve("/file", kSmall);
  origin.on("/circle",
            [](Exchange& exchange) { exchange.send(head_of(302, 0, "Location: /circle\r\n")); });
  origin.on("/nowhere", [](Exchange& exchange) { exchange.send(head_of(302, 5) + "moved"); });
  origin.on("/missing",
            [](Exchange& exchange) { exchange.send(head_of(302, 0, "Location: /not-there\r\n")); });
  const Server proxy = start_proxy(origin.url(), {"-t", "1"});
  did("/hop1 is redirected to /file, /hop2 to /hop1, and so on");
  for (const char* path : {"/hop1", "/hop2", "/hop5"}) require_file(proxy, path, kSmall);
  for (const char* path : {"/hop6", "/circle", "/nowhere"}) require_status(proxy, path, "ERROR");
  require_status(proxy, "/missing", "FILE_NOT_FOUND");
}

KIT_CHECK(Redirect, LeadsToHttpOnly,
          .why =
              "An origin could have the proxy give away the files of its own machine, or talk to "
              "others that "
              "only the proxy can reach.",
          .hint = "CURLOPT_REDIR_PROTOCOLS_STR, or CURLOPT_REDIR_PROTOCOLS in older versions.",
          .function = "proxy::Origin::set_limits") {
  const std::string secret = box().folder() + "/secret";
  std::ofstream(secret) << "the proxy's own file";
  HttpOrigin origin;
  HttpOrigin elsewhere;
  elsewhere.hang_up();
  const auto redirect_to = [](const std::string& address) {
    return [address](Exchange& exchange) {
      exchange.send(head_of(302, 0, "Location: " + address + "\r\n"));
    };
  };
  const std::string host = elsewhere.url().substr(std::string("http://").size());
  origin.on("/file", redirect_to("file://" + secret));
  origin.on("/ftp", redirect_to("ftp://" + host + "/a"));
  origin.on("/gopher", redirect_to("gopher://" + host + "/a"));
  const Server proxy = start_proxy(origin.url(), {"-t", "1"});
  for (const char* path : {"/file", "/ftp", "/gopher"}) {
    did(std::string("the origin redirects ") + path + " to an address that begins with " +
        (path + 1) + "://");
    require_status(proxy, path, "ERROR");
    require(elsewhere.connections() == 0, "nobody is asked at that address",
            "webproxy connected to it");
  }
}

}  // namespace
}  // namespace kit::proxy_lab
