// Step 2: requests, and the paths in them.
#include <cstdint>
#include <string>
#include <system_error>

#include "grader/harness/check.h"
#include "grader/harness/content.h"
#include "grader/harness/holdings.h"
#include "grader/harness/stage.h"
#include "grader/harness/transcript.h"
#include "grader/proxy/getfile_client.h"
#include "grader/proxy/http_origin.h"
#include "grader/proxy/proxy_stage.h"

namespace kit::proxy_lab {
namespace {

constexpr std::size_t kMaxHeader = 8 * 1024;

// Answers every path, with the same content.
Content serve_all(HttpOrigin& origin) {
  const Content content(100);
  origin.otherwise([content](HttpOrigin::Exchange& exchange) {
    exchange.send(ok_head(content.size()) + content.all());
  });
  return content;
}

KIT_CHECK(Path, IsAppendedAsItIs,
          .why = "The file's name is the client's choice, and an HTTP server must understand it.",
          .hint =
              "'#' begins a fragment, a space ends the address in a request line, and bytes above "
              "126 have no "
              "place in one: those are written %XX, with capital letters. All others stay, '%' and "
              "'?' too. "
              "CURLOPT_PATH_AS_IS keeps libcurl from tidying up.",
          .function = "proxy::make_url") {
  struct Case {
    const char* path;
    const char* target;
  };
  const Case cases[] = {
      {"/a", "/base/a"},
      {"/folder/file.jpg", "/base/folder/file.jpg"},
      {"/a b", "/base/a%20b"},
      {"/a#b", "/base/a%23b"},
      {"/\xc3\xa9", "/base/%C3%A9"},
      {"/a\x7f", "/base/a%7F"},
      {"/100%25", "/base/100%25"},
      {"/a?b=1&c=2", "/base/a?b=1&c=2"},
      {"/a//b", "/base/a//b"},
      {"/./a", "/base/./a"},
      {"/~a+b;c,(d)", "/base/~a+b;c,(d)"},
  };
  HttpOrigin origin;
  const Content content = serve_all(origin);
  const Server proxy = start_proxy(origin.url() + "/base");
  for (const Case& each : cases) {
    require_file(proxy, each.path, content);
    require_equal(
        "what the origin is asked for when a client asks for \"" + escaped(each.path) + "\"",
        escaped(origin.targets().back()), each.target);
  }
}

KIT_CHECK(Path, MayNotLeadUp,
          .why =
              "The proxy asks in its own name. What lies beside the folder that it was given is "
              "not for its "
              "clients.",
          .hint =
              "Look at each segment of the path: \"..\" is refused, and so it is when a dot is "
              "written %2e or "
              "%2E. A name that only begins with dots is a name like any other.",
          .function = "proxy::make_url") {
  HttpOrigin origin;
  const Content content = serve_all(origin);
  const Server proxy = start_proxy(origin.url() + "/base");
  for (const char* path :
       {"/..", "/../a", "/a/../b", "/a/..", "/%2e%2e/a", "/a/%2E%2e", "/.%2e/a", "/a/%2E./b"}) {
    require_status(proxy, path, "INVALID");
  }
  require(origin.targets().empty(), "the origin is not asked for such a path",
          origin.targets().empty() ? "" : "it was asked for " + escaped(origin.targets()[0]));
  for (const char* path : {"/...", "/..a", "/a..", "/.a", "/a/..b/c", "/a?b/../c"}) {
    require_file(proxy, path, content);
  }
}

KIT_CHECK(Request, MayComeInAnyPieces,
          .why = "TCP carries bytes, not messages. A request may arrive in any number of pieces.",
          .hint = "The library puts it together, and your handler is called when it is whole.",
          .function = "proxy::handle_with_curl") {
  HttpOrigin origin;
  const Content content(3000);
  origin.serve("/a", content);
  const Server proxy = start_proxy(origin.url());
  did("a request in four pieces");
  GetfileClient pieces(proxy);
  pieces.send_pieces({"GETFILE", " GET ", "/a\r\n", "\r\n"}, "GET /a");
  pieces.require_file(content);
  did("one byte by byte");
  GetfileClient bytewise(proxy);
  bytewise.send_bytewise(request_for("/a"), "GET /a");
  bytewise.require_file(content);
  did("one whose sender then ends its half of the connection");
  GetfileClient half(proxy);
  half.ask("/a");
  half.half_close();
  half.require_file(content);
}

void require_invalid(const Server& proxy, const std::string& bytes, const std::string& what) {
  GetfileClient client(proxy);
  client.send(bytes, what);
  client.require_status("INVALID");
}

KIT_CHECK(
    Request, IsRefusedWhenItIsNone, .why = "Anybody can connect, and say anything.",
    .hint =
        "The library refuses what is no request; a path that must not be sent is yours to refuse.",
    .function = "proxy::handle_with_curl") {
  HttpOrigin origin;
  const Content content = serve_all(origin);
  const Server proxy = start_proxy(origin.url());
  for (const char* request :
       {"GET / HTTP/1.1\r\n\r\n", "GETFILE PUT /a\r\n\r\n", "GETFILE GET a\r\n\r\n",
        "getfile get /a\r\n\r\n", "GETFILE  GET /a\r\n\r\n", "\r\n\r\n",
        "GETFILE GET /a\tb\r\n\r\n", "GETFILE GET /a\x01\r\n\r\n"}) {
    require_invalid(proxy, request, request);
  }
  did("a request that ends in the middle");
  GetfileClient half(proxy);
  half.send("GETFILE GET /a", "GETFILE GET /a");
  half.half_close();
  half.require_status("INVALID");
  require(origin.targets().empty(), "the origin is asked for nothing of that",
          origin.targets().empty() ? "" : "it was asked for " + escaped(origin.targets()[0]));

  const std::size_t frame = request_for("/").size();
  const std::string longest = "/" + std::string(kMaxHeader - frame, 'x');
  did("a request of 8 KiB, and one with a byte more");
  require_file(proxy, longest, content);
  require_invalid(proxy, request_for(longest + "x"), "GET /xxx...");
}

bool has_ipv6() {
  TcpOptions options;
  options.host = "::1";
  try {
    static_cast<void>(box().listen(options));
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

KIT_CHECK(Request, MayComeOverIpv6, .why = "A client may have no IPv4 any more.",
          .hint =
              "The library listens for both. Nothing in a handler needs to know the client's "
              "address.",
          .function = "proxy::handle_with_curl") {
  if (!has_ipv6()) fail_not_gradable("this machine has no IPv6: nobody can listen on ::1");
  HttpOrigin origin;
  const Content content(3000);
  origin.serve("/a", content);
  const Server proxy = start_proxy(origin.url());
  did("a client connects to ::1");
  GetfileClient client(proxy, Wire::kDocumented, 0, "::1");
  client.ask("/a");
  client.require_file(content);
}

// Until the origin gets rid of nothing more, for a while; or of all. Whoever takes this for the end
// too early finds less memory in use.
void wait_until_stuck(HttpOrigin& origin, std::uint64_t size) {
  constexpr int kQuietMs = 200;
  while (origin.sent_bytes() < size &&
         origin.wait_for_more_sent(origin.sent_bytes(), deadline().but_at_most_ms(kQuietMs))) {
  }
}

KIT_CHECK(
    Transfer, SendsAllToASlowReader,
    .why =
        "A client that reads slowly fills its connection, and gfs_send() then takes a part only.",
    .hint = "send_all() sends a piece to its end. What gfs_send() did not take is not sent.",
    .function = "proxy::Transfer::run") {
  const Content content(12 << 20);
  HttpOrigin origin;
  origin.serve("/large", content);
  const Server proxy = start_proxy(origin.url());
  did("the client's connection takes a few KB at a time");
  GetfileClient client(proxy, Wire::kDocumented, 4096);
  client.ask("/large");
  wait_until_stuck(origin, content.size());
  client.require_file(content);
}

KIT_CHECK(Transfer, KeepsLittleInMemory,
          .why =
              "A proxy with two hundred clients cannot keep two hundred files in memory. A slow "
              "client has to "
              "slow the origin down.",
          .hint =
              "The write callback returns when gfs_send() has taken the piece. As long as it does "
              "not return, "
              "libcurl reads no more.",
          .function = "proxy::Transfer::run") {
  constexpr std::int64_t kAllowedKb = 32 * 1024;
  const Content content(100 << 20);
  HttpOrigin origin;
  origin.serve("/huge", content);
  const Server proxy = start_proxy(origin.url());
  const std::int64_t before_kb = most_memory_kb(proxy);
  GetfileClient client(proxy, Wire::kDocumented, 4096);
  client.ask("/huge");
  client.require_header("GETFILE OK " + std::to_string(content.size()));
  did("the client reads the header, and for a while no more");
  wait_until_stuck(origin, content.size());
  const std::int64_t used_kb = most_memory_kb(proxy) - before_kb;
  require(used_kb <= kAllowedKb,
          "not more than 32 MiB of memory for a file of 100 MiB that the client does not read",
          varies(std::to_string(used_kb / 1024)) + " MiB");
  client.require_content(content, 0, 1 << 20);
}

KIT_CHECK(Transfer, SurvivesClientsThatBreakOff,
          .why = "Clients go away in the middle. The next one must be served all the same.",
          .hint =
              "gfs_send() returns -1 when the client has gone: then end the transfer, by returning "
              "less than "
              "the write callback was given. Nothing may be thrown through libcurl.",
          .function = "proxy::Transfer::run") {
  const Content content(32 << 20);
  HttpOrigin origin;
  origin.serve("/large", content);
  origin.serve("/small", Content(10));
  const Server proxy = start_proxy(origin.url());
  did("three clients read a little of 32 MiB, and break the connection off");
  for (int i = 1; i <= 3; ++i) {
    GetfileClient client(proxy, Wire::kDocumented, 4096);
    client.ask("/large");
    client.require_header("GETFILE OK " + std::to_string(content.size()));
    client.require_content(content, 0, 1000);
    client.reset();
    if (!origin.wait_for_ended_early(i, deadline()))
      fail_hung("the proxy does not fetch the rest for nobody");
  }
  did("the next one asks for a small file");
  require_file(proxy, "/small", Content(10));
}

KIT_CHECK(Transfer, ReusesItsConnection,
          .why =
              "To connect takes longer than to fetch a small file, and with https much longer. A "
              "handle keeps "
              "its connection for the next request.",
          .hint =
              "One easy handle for each worker, made once. After a 404 the connection is of use "
              "only when the "
              "body has been read.",
          .function = "proxy::Transfer::run") {
  HttpOrigin origin;
  origin.serve("/a", Content(5000));
  origin.otherwise([](HttpOrigin::Exchange& exchange) {
    exchange.send(head_of(404, 1000) + std::string(1000, 'x'));
  });
  const Server proxy = start_proxy(origin.url(), {"-t", "1"});
  for (int i = 0; i < 10; ++i) {
    require_file(proxy, "/a", Content(5000));
    require_status(proxy, "/missing", "FILE_NOT_FOUND");
  }
  require_equal("how many connections to the origin one worker needs for 20 requests",
                std::to_string(origin.connections()), "1");
}

KIT_CHECK(
    Transfer, GivesBackWhatItTakes,
    .why =
        "The proxy runs for months. A little that is lost with each request is everything one day.",
    .hint =
        "curl_easy_cleanup() for each curl_easy_init(), curl_slist_free_all() for each list; or "
        "better, "
        "make them once for all requests.",
    .function = "proxy::Transfer::run") {
  constexpr int kRequests = 200;
  HttpOrigin origin;
  origin.serve("/a", Content(5000));
  const Server proxy = start_proxy(origin.url(), {"-t", "2"});
  const auto ask_for_some = [&](int count) {
    for (int i = 0; i < count; ++i) {
      if (i % 4 == 3) {
        require_status(proxy, "/missing", "FILE_NOT_FOUND");
      } else {
        require_file(proxy, "/a", Content(5000));
      }
    }
  };
  ask_for_some(20);
  const Holdings before = holdings_of(proxy);
  did("asked 200 times");
  ask_for_some(config().mode == Mode::kPlain ? kRequests : kRequests / 4);
  require_back(proxy, before, kRequests);
  require_end(proxy, 15);
}

}  // namespace
}  // namespace kit::proxy_lab
