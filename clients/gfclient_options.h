// The command line that gfclient_download and gfclient_measure have in common.
//
// Errors: support::UsageError for an argument that cannot be right; std::runtime_error and
// std::system_error for a workload that cannot be read or has no paths.
#ifndef CLIENTS_GFCLIENT_OPTIONS_H_
#define CLIENTS_GFCLIENT_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "labs/support/gfserver/wire.h"

namespace gfclient {

struct Options {
  std::string server = "localhost";
  std::uint16_t port = 25362;
  std::size_t threads = 1;
  std::string workload = "workload.txt";
  std::uint64_t requests = 10;  // of all threads together
  gfs::Wire wire = gfs::Wire::kDocumented;
  std::string metrics = "metrics.txt";  // gfclient_measure only
  bool help = false;
};

// `measures`: whether this is gfclient_measure, which has -m.
Options parse_options(int argc, char** argv, bool measures);

// What -h prints.
std::string usage(const std::string& program, bool measures);

// The paths of a workload file, separated by white space.
std::vector<std::string> load_workload(const std::string& file);

}  // namespace gfclient

#endif  // CLIENTS_GFCLIENT_OPTIONS_H_
