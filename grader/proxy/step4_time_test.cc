// Step 4: what takes too long, and who goes away in the meantime.
#include <signal.h>

#include <deque>
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/content.h"
#include "grader/harness/holdings.h"
#include "grader/harness/nginx.h"
#include "grader/harness/stage.h"
#include "grader/harness/tcp_socket.h"
#include "grader/proxy/getfile_client.h"
#include "grader/proxy/held_clients.h"
#include "grader/proxy/http_origin.h"
#include "grader/proxy/proxy_stage.h"

namespace kit::proxy_lab {
namespace {

using Exchange = HttpOrigin::Exchange;

const Content kSmall(3000, 11);

// The shortest times that webproxy takes are a second. So long may pass until one of them has an
// effect, and no check needs to hang for twenty seconds to see that there is none.
constexpr std::int64_t kLimitMs = 6000;

// `/stalled` says nothing until the proxy has gone.
void stall(HttpOrigin& origin) {
  origin.on("/stalled", [](Exchange& exchange) { exchange.wait_for_end(); });
  origin.serve("/small", kSmall);
}

KIT_CHECK(Time, IsLimitedForARequest,
          .why =
              "An origin that never answers would keep a worker for ever; eight of them, the whole "
              "proxy.",
          .hint = "CURLOPT_TIMEOUT is for the whole request, the body as well: --max-time.",
          .function = "proxy::Origin::set_limits") {
  const Content content(100'000);
  constexpr std::uint64_t kSent = 20'000;
  HttpOrigin origin;
  stall(origin);
  origin.on("/half", [&](Exchange& exchange) {
    exchange.send(ok_head(content.size()));
    exchange.send_content(content, kSent);
    exchange.wait_for_end();
  });
  const Server proxy = start_proxy(origin.url(), {"-t", "2", "--max-time", "1"});
  did("the origin never answers for /stalled, and stops within the body of /half");
  GetfileClient stalled(proxy);
  stalled.ask("/stalled");
  GetfileClient half(proxy);
  half.ask("/half");
  stalled.hurry(kLimitMs);
  half.hurry(kLimitMs);
  stalled.require_status("ERROR");
  half.require_cut_file(content, kSent);
  require_file(proxy, "/small", kSmall);
}

KIT_CHECK(Time, IsLimitedForHeadersWithoutEnd,
          .why = "Headers need not end. An origin can send them for ever, a line at a time.",
          .hint =
              "Count their bytes in a callback (CURLOPT_HEADERFUNCTION), and give up when there "
              "are far too "
              "many.",
          .function = "proxy::Transfer::run") {
  constexpr std::int64_t kAllowedKb = 32 * 1024;
  HttpOrigin origin;
  origin.on("/endless", [](Exchange& exchange) {
    exchange.send("HTTP/1.1 200 OK\r\n");
    std::string lines;
    for (int i = 0; i < 100; ++i) lines += "X-Line: " + std::string(1000, 'x') + "\r\n";
    // As good as endless: a program that keeps all of it must not bring the machine down.
    for (int i = 0; i < 2500; ++i) exchange.send(lines);
    exchange.wait_for_end();
  });
  origin.serve("/small", kSmall);
  const Server proxy = start_proxy(origin.url(), {"-t", "1"});
  const std::int64_t before_kb = most_memory_kb(proxy);
  require_status(proxy, "/endless", "ERROR");
  const std::int64_t used_kb = most_memory_kb(proxy) - before_kb;
  if (config().mode == Mode::kPlain) {
    require(used_kb <= kAllowedKb, "not more than 32 MiB of memory for headers",
            varies(std::to_string(used_kb / 1024)) + " MiB");
  }
  require_file(proxy, "/small", kSmall);
}

// A port where connections are neither taken nor refused: the queue of a socket that nobody accepts
// from is full, and Linux then drops what else comes (listen(2)).
class FullPort {
 public:
  FullPort() {
    TcpOptions options;
    options.backlog = 0;
    listener_ = box().listen(options);
    options.port = local_port(listener_.get());
    note_varying(std::to_string(options.port));
    url_ = "http://127.0.0.1:" + std::to_string(options.port);
    try {
      for (int i = 0; i < 8; ++i) {
        queued_.push_back(connect_tcp(options, Deadline::after_ms(100)));
      }
    } catch (const Timeout&) {
      return;
    }
    fail_not_gradable("the queue of a listening socket does not get full here");
  }

  const std::string& url() const { return url_; }

 private:
  UniqueFd listener_;
  std::vector<UniqueFd> queued_;
  std::string url_;
};

KIT_CHECK(
    Time, IsLimitedForConnecting,
    .why = "A machine that is switched off does not refuse a connection. It just does not answer.",
    .hint = "CURLOPT_CONNECTTIMEOUT: --connect-timeout.", .function = "proxy::Origin::set_limits") {
  const FullPort full;
  const Server proxy =
      start_proxy(full.url(), {"-t", "1", "--connect-timeout", "1", "--max-time", "600"});
  did("the origin's machine does not answer at all");
  GetfileClient client(proxy);
  client.ask("/a");
  client.hurry(kLimitMs);
  client.require_status("ERROR");
}

KIT_CHECK(
    Time, IsNotSpentForNobody,
    .why = "A client that has gone does not want the file any more, and its worker is needed.",
    .hint =
        "While nothing comes from the origin, gfs_send() is not called and cannot tell. libcurl "
        "calls "
        "the progress callback once a second: ask there whether the client has gone.",
    .function = "proxy::Transfer::run") {
  HttpOrigin origin;
  stall(origin);
  const Server proxy = start_proxy(origin.url(), {"-t", "1", "--max-time", "600"});
  std::deque<GetfileClient> clients = ask_for(proxy, "/stalled", 1);
  require_at_once(origin, 1, clients);
  did("a client asks for /stalled, and breaks the connection off while the origin is silent");
  clients.front().reset();
  did("another one asks for /small");
  GetfileClient next(proxy);
  next.ask("/small");
  next.hurry(kLimitMs);
  next.require_file(kSmall);
}

KIT_CHECK(Time, EndsWithTheProxy,
          .why = "There is always somebody who waits for a file when a proxy is stopped.",
          .hint =
              "stop() aborts what is still at work after the deadline. While nothing comes from "
              "the origin, "
              "the progress callback is where that is seen.",
          .function = "proxy::Transfer::run") {
  HttpOrigin origin;
  stall(origin);
  const Content content(32 << 20);
  origin.serve("/large", content);
  const Server proxy = start_proxy(origin.url(), {"-t", "4", "--max-time", "600"});
  GetfileClient slow(proxy, Wire::kDocumented, 4096);
  slow.ask("/large");
  slow.require_header("GETFILE OK " + std::to_string(content.size()));
  did("one client does not read on, and six ask for /stalled, about which the origin is silent");
  std::deque<GetfileClient> clients = ask_for(proxy, "/stalled", 6);
  require_at_once(origin, 4, clients);
  require_prompt_end(proxy);
}

KIT_CHECK(Time, MayBeTaken, .why = "Slow is not broken: a file that comes in drops is a file.",
          .hint = "The limit is --max-time. A pause is no end.",
          .function = "proxy::Transfer::run") {
  HttpOrigin origin;
  origin.on("/drops", [](Exchange& exchange) {
    exchange.send(ok_head(60));
    const std::string content = Content(60).all();
    for (std::size_t i = 0; i < 60; i += 2) {
      exchange.send(std::string_view(content).substr(i, 2));
      exchange.pause();
    }
  });
  require_file(start_proxy(origin.url(), {"-t", "1"}), "/drops", Content(60));
}

KIT_CHECK(Time, HealsAnOriginThatComesBack,
          .why = "An origin dies in the middle of a file, and is there again a moment later.",
          .hint =
              "A handle may be used again after a failed transfer. Nothing of the old one may be "
              "left in it.",
          .function = "proxy::Transfer::run") {
  const Content content(64 << 20);
  Nginx nginx;
  nginx.add_file("large", content);
  nginx.add_file("small", kSmall);
  const Server proxy = start_proxy(nginx.url(), {"-t", "2"});
  GetfileClient client(proxy, Wire::kDocumented, 4096);
  client.ask("/large");
  client.require_header("GETFILE OK " + std::to_string(content.size()));
  client.require_content(content, 0, 100'000);
  did("nginx is killed in the middle of a file of 64 MiB");
  nginx.kill();
  const std::uint64_t came = client.read_rest(content, 100'000);
  require(came < content.size(), "the connection ends too early", "all of the file came");
  require_status(proxy, "/small", "ERROR");
  did("nginx is started again, on the same port");
  nginx.restart();
  for (int i = 0; i < 4; ++i) require_file(proxy, "/small", kSmall);
}

}  // namespace
}  // namespace kit::proxy_lab
