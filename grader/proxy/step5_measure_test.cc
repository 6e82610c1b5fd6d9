// Step 5: gfclient_measure, which students measure their proxy with, and what it writes.
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/content.h"
#include "grader/harness/quote.h"
#include "grader/harness/stage.h"
#include "grader/proxy/http_origin.h"
#include "grader/proxy/proxy_stage.h"

namespace kit::proxy_lab {
namespace {

constexpr char kTitle[] =
    "#Elapsed Time (secs),Bytes Received,Requests Serviced, Requests Failed, Comment";

struct Row {
  double seconds = 0;
  std::uint64_t bytes = 0;
  std::uint64_t served = 0;
  std::uint64_t failed = 0;
  std::string path;  // of a request that was completed
};

// Requires that the line is just what printf() makes of its numbers by the page's format.
Row read_row(const std::string& line) {
  Row row;
  int length = 0;
  std::sscanf(line.c_str(), "%lf, %" SCNu64 ", %" SCNu64 ", %" SCNu64 ", %n", &row.seconds,
              &row.bytes, &row.served, &row.failed, &length);
  row.path = length > 0 ? line.substr(static_cast<std::size_t>(length)) : "";
  char again[200];
  std::snprintf(again, sizeof again, "%10.5f, %10" PRIu64 ", %10" PRIu64 ", %10" PRIu64 ", ",
                row.seconds, row.bytes, row.served, row.failed);
  require(line == again + row.path, "a row of metrics.txt: time, bytes, served, failed, path",
          in_quotes(line));
  return row;
}

std::vector<Row> read_metrics() {
  std::ifstream file(box().folder() + "/metrics.txt");
  std::string line;
  std::getline(file, line);
  require_equal("the first line of metrics.txt", in_quotes(line), in_quotes(kTitle));
  std::vector<Row> rows;
  while (std::getline(file, line)) rows.push_back(read_row(line));
  return rows;
}

void require_growing(const std::vector<Row>& rows) {
  Row last;
  for (const Row& row : rows) {
    require(row.seconds >= last.seconds && row.bytes >= last.bytes && row.served >= last.served &&
                row.failed >= last.failed,
            "totals that never become less, row by row", "one does");
    last = row;
  }
}

KIT_CHECK(Load, IsMeasured,
          .why = "What gfclient_measure writes is what you explain. It should be the whole truth.",
          .hint =
              "Measure it yourself: is each request served that should be, and refused that "
              "should be?",
          .function = "proxy::WorkerPool::work") {
  constexpr int kRequests = 30;
  const Content content(100'000);
  HttpOrigin origin;
  origin.serve("/a", content);
  origin.serve("/b", content);
  const Server proxy = start_proxy(origin.url(), {"-t", "4"});
  write_file("workload.txt", "/a /b\n/missing\n");
  Process& measure =
      box().start("gfclient_measure", {"-s", "127.0.0.1", "-p", std::to_string(proxy.port), "-t",
                                       "4", "-r", std::to_string(kRequests)});
  did("gfclient_measure -t 4 -r 30; its workload is /a, /b and /missing");
  const std::optional<Exit> exit = measure.wait(deadline());
  if (!exit) fail_hung("gfclient_measure ends");
  require(exit->signal == 0 && exit->status == 1,
          "gfclient_measure ends with exit status 1, since a third of the requests fail",
          "it ended with " + render(*exit));
  const std::vector<Row> rows = read_metrics();
  require_growing(rows);
  int completed = 0;
  for (const Row& row : rows) completed += !row.path.empty();
  require_equal("how many rows say that a request was completed", std::to_string(completed), "30");
  const Row& last = rows.back();
  require_equal("bytes, served and failed in the last row",
                std::to_string(last.bytes) + ", " + std::to_string(last.served) + ", " +
                    std::to_string(last.failed),
                "2000000, 20, 10");
}

}  // namespace
}  // namespace kit::proxy_lab
