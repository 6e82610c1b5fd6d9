// gfclient_measure: fetches the files of a workload, keeps none, and writes what it saw and when.
//
// The metrics file has a row for each piece of content that was received and one for each request
// that was completed, with the totals up to then. Only the latter say a path:
//
//     #Elapsed Time (secs),Bytes Received,Requests Serviced, Requests Failed, Comment
//        0.00052,       4096,          0,          0,
//        0.00060,       5000,          1,          0, /road.jpg
//
// clients/plot_metrics.py draws it.
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "clients/gfclient_fetch.h"
#include "clients/gfclient_run.h"
#include "labs/support/error.h"

namespace {

using namespace gfclient;

class MetricsFile {
 public:
  explicit MetricsFile(const std::string& name)
      : name_(name), file_(std::fopen(name.c_str(), "we")) {
    if (!file_) support::throw_errno("open " + name);
    std::fputs("#Elapsed Time (secs),Bytes Received,Requests Serviced, Requests Failed, Comment\n",
               file_.get());
  }

  void add_row(const Totals& totals, const std::string& path) {
    std::fprintf(file_.get(), "%10.5f, %10" PRIu64 ", %10" PRIu64 ", %10" PRIu64 ", %s\n",
                 totals.elapsed_s, totals.bytes, totals.served, totals.failed, path.c_str());
  }

  // An error of any row is remembered by the file, and told here.
  void close() {
    bool failed = std::ferror(file_.get()) != 0;
    if (std::fclose(file_.release()) != 0 || failed) support::throw_errno("write " + name_);
  }

 private:
  struct Close {
    void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
  };

  const std::string name_;
  std::unique_ptr<std::FILE, Close> file_;
};

Totals measure(const Options& options, const std::vector<std::string>& paths) {
  MetricsFile metrics(options.metrics);
  Tally tally(options.requests, [&](const Totals& totals, const std::string& path) {
    metrics.add_row(totals, path);
  });
  run(options, paths, tally, [&](const std::string& path, Tally& counts) {
    fetch(options, path, [&](std::string_view bytes) { counts.add_bytes(bytes.size()); });
  });
  metrics.close();
  return tally.finish();
}

}  // namespace

int main(int argc, char** argv) {
  return run_main("gfclient_measure", /*measures=*/true, argc, argv, &measure);
}
