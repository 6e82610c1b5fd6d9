// Step 4: bodies without a length.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>

#include "grader/harness/check.h"
#include "grader/harness/content.h"
#include "grader/harness/holdings.h"
#include "grader/proxy/getfile_client.h"
#include "grader/proxy/http_origin.h"
#include "grader/proxy/proxy_stage.h"

namespace kit::proxy_lab {
namespace {

using Exchange = HttpOrigin::Exchange;

const Content kSmall(3000, 11);

void send_chunked(Exchange& exchange, const Content& content) {
  constexpr std::size_t kChunk = 7001;
  exchange.send(head_of(200, std::nullopt, "Transfer-Encoding: chunked\r\n"));
  for (std::uint64_t offset = 0; offset < content.size(); offset += kChunk) {
    const std::string chunk = content.bytes(offset, kChunk);
    char size[24];
    std::snprintf(size, sizeof size, "%zx\r\n", chunk.size());
    exchange.send(size + chunk + "\r\n");
  }
}

KIT_CHECK(Spool, TakesBodiesWithoutALength,
          .why = "GETFILE announces the length first; an HTTP server need not know it.",
          .hint =
              "CURLINFO_CONTENT_LENGTH_DOWNLOAD_T is -1 then. Keep the body in a Spool until its "
              "end has come.",
          .function = "proxy::Transfer::run") {
  const Content content(300'000);
  HttpOrigin origin;
  origin.on("/chunked", [&](Exchange& exchange) {
    send_chunked(exchange, content);
    exchange.send("0\r\n\r\n");
  });
  origin.on("/empty", [&](Exchange& exchange) {
    send_chunked(exchange, Content(0));
    exchange.send("0\r\n\r\n");
  });
  origin.on("/until-closed", [&](Exchange& exchange) {
    exchange.send(head_of(200, std::nullopt));
    exchange.send_content(content, content.size());
    exchange.close();
  });
  const Server proxy = start_proxy(origin.url(), {"-t", "1"});
  require_file(proxy, "/chunked", content);
  require_file(proxy, "/empty", Content(0));
  require_file(proxy, "/until-closed", content);
}

KIT_CHECK(Spool, KnowsABodyThatIsNotWhole,
          .why = "A body that ends too early is no file, and here it can still be said.",
          .hint = "Send the header only when curl_easy_perform() has succeeded.",
          .function = "proxy::Transfer::run") {
  HttpOrigin origin;
  origin.on("/cut", [](Exchange& exchange) {
    send_chunked(exchange, Content(50'000));
    exchange.close();
  });
  origin.serve("/small", kSmall);
  const Server proxy = start_proxy(origin.url(), {"-t", "1"});
  require_status(proxy, "/cut", "ERROR");
  require_file(proxy, "/small", kSmall);
}

KIT_CHECK(Spool, IsNotMemory,
          .why = "The body may be a hundred megabytes, for each of two hundred clients.",
          .hint = "Write each piece into the temporary file, and read it in pieces.",
          .function = "proxy::Spool::append") {
  constexpr std::int64_t kAllowedKb = 24 * 1024;
  const Content content(64 << 20);
  HttpOrigin origin;
  origin.on("/huge", [&](Exchange& exchange) {
    exchange.send(head_of(200, std::nullopt));
    exchange.send_content(content, content.size());
    exchange.close();
  });
  const Server proxy = start_proxy(origin.url(), {"-t", "1"});
  const std::int64_t before_kb = most_memory_kb(proxy);
  require_file(proxy, "/huge", content);
  const std::int64_t used_kb = most_memory_kb(proxy) - before_kb;
  require(used_kb <= kAllowedKb, "not more than 24 MiB of memory for a body of 64 MiB",
          varies(std::to_string(used_kb / 1024)) + " MiB");
}

KIT_CHECK(Spool, LeavesNothing,
          .why = "What is left behind fills the disk, and nobody knows what it was.",
          .hint =
              "Open the file with O_TMPFILE, or unlink() it at once; and close it when the request "
              "is over.",
          .function = "proxy::Spool::Spool") {
  HttpOrigin origin;
  origin.on("/chunked", [&](Exchange& exchange) {
    send_chunked(exchange, kSmall);
    exchange.send("0\r\n\r\n");
  });
  // A part of a body, and then nothing: the file is in use. What the connection itself can hold is
  // less (tcp(7): 4 MiB for who sends, 6 for who receives), so the proxy has taken some of it.
  const Content part(16 << 20);
  origin.on("/part", [&](Exchange& exchange) {
    send_chunked(exchange, part);
    exchange.wait_for_end();
  });
  const Server proxy = start_proxy(origin.url(), {"-t", "2"});
  for (int i = 0; i < 5; ++i) require_file(proxy, "/chunked", kSmall);
  const Holdings before = holdings_of(proxy);
  for (int i = 0; i < 20; ++i) require_file(proxy, "/chunked", kSmall);
  require_back(proxy, before, 20);
  const std::uint64_t sent = origin.sent_bytes();
  GetfileClient client(proxy);
  client.ask("/part");
  if (!origin.wait_for_more_sent(sent + part.size(), deadline()))
    fail_hung("it takes a body of 16 MiB");
  did("webproxy is killed while it has a part of a body");
  proxy.process.kill();
  std::string left;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(box().folder())) {
    if (entry.is_regular_file()) left += ' ' + entry.path().filename().string();
  }
  if (!left.empty()) fail("no file is left in $TMPDIR", "there is" + varies(left), Status::kLeaked);
}

}  // namespace
}  // namespace kit::proxy_lab
