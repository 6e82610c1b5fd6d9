// Step 4: origins that behave badly.
#include <cstdint>
#include <optional>
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

// What the origin breaks off is cut, and not made longer.
void require_cut(const Server& proxy, const std::string& path, const Content& content,
                 std::uint64_t sent) {
  GetfileClient client(proxy);
  client.ask(path);
  client.require_cut_file(content, sent);
}

// The same, when it may also be that nothing of the content has come: then the client can still be
// told.
void require_cut_or_error(const Server& proxy, const std::string& path, const Content& content,
                          std::uint64_t sent) {
  GetfileClient client(proxy);
  client.ask(path);
  const std::string header = client.read_header();
  if (header == "GETFILE ERROR") return client.require_end();
  require_equal("the answer to \"GET " + path + "\"", header,
                "GETFILE OK " + std::to_string(content.size()));
  const std::uint64_t came = client.read_rest(content, 0);
  require(came <= sent,
          std::to_string(sent) + " bytes of content at most, as the origin has sent no more",
          std::to_string(came) + " bytes");
}

KIT_CHECK(Failure, CutsWhatTheOriginCuts,
          .why =
              "The length is sent already, and there is no way to take it back. A client that gets "
              "fewer bytes "
              "knows that its file is not whole; one that gets other bytes instead does not.",
          .hint =
              "Return -1 when the transfer fails in the middle, and send nothing more: the "
              "connection is closed.",
          .function = "proxy::Transfer::run") {
  const Content content(200'000);
  constexpr std::uint64_t kSent = 70'000;
  HttpOrigin origin;
  origin.on("/closed", [&](Exchange& exchange) {
    exchange.send(ok_head(content.size()));
    exchange.send_content(content, kSent);
    exchange.close();
  });
  origin.on("/reset", [&](Exchange& exchange) {
    exchange.send(ok_head(content.size()));
    exchange.send_content(content, kSent);
    exchange.reset();
  });
  const Content huge(5'000'000'000);  // more than 32 bits can hold
  origin.on("/huge", [&](Exchange& exchange) {
    exchange.send(ok_head(huge.size()));
    exchange.send_content(huge, kSent);
    exchange.close();
  });
  origin.on("/nothing", [&](Exchange& exchange) {
    exchange.send(ok_head(content.size()));
    exchange.close();
  });
  origin.serve("/small", kSmall);
  const Server proxy = start_proxy(origin.url(), {"-t", "1"});
  did("the origin announces 200000 bytes, sends 70000, and closes the connection");
  require_cut(proxy, "/closed", content, kSent);
  did("the same, and it breaks the connection off");
  require_cut_or_error(proxy, "/reset", content, kSent);
  did("it announces 200000 bytes, and closes the connection");
  require_cut_or_error(proxy, "/nothing", content, 0);
  did("it announces 5000000000 bytes, sends 70000, and closes the connection");
  require_cut(proxy, "/huge", huge, kSent);
  did("and a proper one after that");
  require_file(proxy, "/small", kSmall);
}

KIT_CHECK(
    Failure, TellsOfAnOriginThatSaysNothing,
    .why = "As long as the client was told nothing, it can be told the truth.",
    .hint = "The header goes out with the first piece of the body. When there is none, return -1.",
    .function = "proxy::Transfer::run") {
  HttpOrigin origin;
  origin.on("/closed", [](Exchange& exchange) { exchange.close(); });
  origin.on("/reset", [](Exchange& exchange) { exchange.reset(); });
  origin.on("/nonsense", [](Exchange& exchange) {
    exchange.send("220 mail.example.com ESMTP\r\n");
    exchange.close();
  });
  origin.serve("/small", kSmall);
  const Server proxy = start_proxy(origin.url(), {"-t", "1"});
  for (const char* path : {"/closed", "/reset", "/nonsense"}) require_status(proxy, path, "ERROR");
  require_file(proxy, "/small", kSmall);
}

KIT_CHECK(
    Failure, SendsNoMoreThanAnnounced,
    .why =
        "An origin that sends more than it has announced must not make the proxy's answer wrong.",
    .hint = "libcurl stops at the Content-Length. Do not count on your own idea of the length.",
    .function = "proxy::Transfer::run") {
  HttpOrigin origin;
  // Without "close", a libcurl that has read no further than the length may use the connection
  // again, and takes what is left for the next answer. That is its mistake, and depends on its
  // buffer's size.
  origin.on("/more", [](Exchange& exchange) {
    const std::string head = head_of(200, kSmall.size(), "Connection: close\r\n");
    exchange.send(head + kSmall.all() + "and more");
    exchange.close();
  });
  origin.serve("/small", kSmall);
  const Server proxy = start_proxy(origin.url(), {"-t", "1"});
  require_file(proxy, "/more", kSmall);
  require_file(proxy, "/small", kSmall);
}

KIT_CHECK(Failure, TellsEachStatus,
          .why = "HTTP has sixty statuses, GETFILE has three words for them.",
          .hint =
              "2xx is OK, also without a body; 403, 404 and 410 are FILE_NOT_FOUND; all others are "
              "ERROR.",
          .function = "proxy::status_for") {
  HttpOrigin origin;
  for (const int status : {201, 203, 206}) {
    origin.on("/" + std::to_string(status), [status](Exchange& exchange) {
      exchange.send(head_of(status, kSmall.size()) + kSmall.all());
    });
  }
  origin.on("/204", [](Exchange& exchange) { exchange.send(head_of(204, std::nullopt)); });
  for (const int status : {300, 304, 400, 401, 403, 404, 405, 410, 418, 429, 500, 503, 504}) {
    origin.on("/" + std::to_string(status), [status](Exchange& exchange) {
      const bool has_body = status != 304;
      exchange.send(head_of(status, has_body ? std::optional<std::uint64_t>(9) : std::nullopt) +
                    (has_body ? "an error\n" : ""));
    });
  }
  const Server proxy = start_proxy(origin.url(), {"-t", "1"});
  for (const char* path : {"/201", "/203", "/206"}) require_file(proxy, path, kSmall);
  require_file(proxy, "/204", Content(0));
  for (const char* path : {"/403", "/404", "/410"}) require_status(proxy, path, "FILE_NOT_FOUND");
  for (const char* path :
       {"/300", "/304", "/400", "/401", "/405", "/418", "/429", "/500", "/503", "/504"}) {
    require_status(proxy, path, "ERROR");
  }
}

KIT_CHECK(
    Failure, CutsAnErrorPageShort,
    .why = "Nobody wants the page. An origin that sends it without end must not keep the worker.",
    .hint = "Read a small one, so that the connection can be kept; give up on a large one.",
    .function = "proxy::Transfer::run") {
  HttpOrigin origin;
  origin.on("/endless", [](Exchange& exchange) {
    // Whoever reads 16 MiB of it would read on.
    exchange.send(head_of(404, std::uint64_t{1} << 40));
    for (int i = 0; i < 256; ++i) exchange.send(std::string(64 * 1024, 'x'));
    exchange.wait_for_end();
  });
  origin.serve("/small", kSmall);
  const Server proxy = start_proxy(origin.url(), {"-t", "1"});
  require_status(proxy, "/endless", "FILE_NOT_FOUND");
  require_file(proxy, "/small", kSmall);
}

}  // namespace
}  // namespace kit::proxy_lab
