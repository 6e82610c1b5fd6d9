// gfclient_download: downloads the files of a workload below the current directory.
#include <string>
#include <string_view>
#include <vector>

#include "clients/gfclient_fetch.h"
#include "clients/gfclient_file.h"
#include "clients/gfclient_run.h"

namespace {

using namespace gfclient;

void download(const Options& options, const std::string& path, Tally& tally) {
  DownloadFile file(local_name(path));
  fetch(options, path, [&](std::string_view bytes) {
    file.append(bytes);
    tally.add_bytes(bytes.size());
  });
  file.keep();
}

Totals download_all(const Options& options, const std::vector<std::string>& paths) {
  Tally tally(options.requests, nullptr);
  run(options, paths, tally,
      [&](const std::string& path, Tally& counts) { download(options, path, counts); });
  return tally.finish();
}

}  // namespace

int main(int argc, char** argv) {
  return run_main("gfclient_download", /*measures=*/false, argc, argv, &download_all);
}
