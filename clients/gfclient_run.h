// run: carries out a workload with several threads, and counts.
//
// Each thread takes the next path of the workload, fetches it, and takes the next one, until as
// many requests as were asked for have been made. The workload begins again when it is at its end.
//
// Thread-safety: call it on one thread. It calls `fetch_one` on several threads at once.
#ifndef CLIENTS_GFCLIENT_RUN_H_
#define CLIENTS_GFCLIENT_RUN_H_

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "clients/gfclient_options.h"

namespace gfclient {

// What all threads have done so far.
struct Totals {
  double elapsed_s = 0;
  std::uint64_t bytes = 0;  // of content, also of requests that failed later
  std::uint64_t served = 0;
  std::uint64_t failed = 0;
};

// Totals, a line on the terminal that shows them, and whoever wants to know of each change.
class Tally {
 public:
  // Called at each change, one at a time; `path` is empty for bytes that have come.
  using Listener = std::function<void(const Totals&, const std::string& path)>;

  Tally(std::uint64_t requests, Listener listener);

  void add_bytes(std::uint64_t count);
  void add_served(const std::string& path);
  void add_failed(const std::string& path, const std::string& why);

  // Ends the line on the terminal, and prints what has come of it all on standard output.
  Totals finish();

 private:
  void changed(const std::string& path);
  void show_progress();
  void clear_progress();

  const std::uint64_t requests_;
  const Listener listener_;
  const double start_s_;
  const bool has_terminal_;
  std::mutex mutex_;  // guards what follows, and the order of the listener's calls
  Totals totals_;
  double shown_s_ = 0;
};

// Fetches one path, and tells the tally of the bytes that come. Throws when the request failed.
using FetchOne = std::function<void(const std::string& path, Tally& tally)>;

void run(const Options& options, const std::vector<std::string>& paths, Tally& tally,
         const FetchOne& fetch_one);

// The main() of both programs: 0, 1 when a request failed or the program could not do its work, 2
// for wrong options. `work` returns what has come of it.
int run_main(const std::string& program, bool measures, int argc, char** argv,
             const std::function<Totals(const Options&, const std::vector<std::string>&)>& work);

}  // namespace gfclient

#endif  // CLIENTS_GFCLIENT_RUN_H_
