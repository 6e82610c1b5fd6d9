// Runs the checks of a driver, each in a process of its own: a check that crashes or hangs, or a
// subject that kills what it can see, costs that check's finding and no other.
//
// The process of a check is the driver itself again, told which check to run and where to write the
// finding. The supervisor gives it a folder and a time, and when it has ended sweeps up what it
// left.
#ifndef GRADER_HARNESS_SUPERVISOR_H_
#define GRADER_HARNESS_SUPERVISOR_H_

#include <cstdint>
#include <string>

#include "grader/harness/finding.h"
#include "grader/harness/run_config.h"

namespace kit {

// Which check is to be run, and how.
struct CheckOrder {
  std::string check;
  std::string folder;  // empty, for the check; whoever runs it in this process makes it
  std::uint64_t seed = 1;
  std::string interleaving;  // in the mode explore: the one that is to come again, or empty
  std::int64_t limit_ms = 0;
  double slowness = 1;
  bool with_gdb = false;
};

// The findings of all checks of the config. Throws std::exception when not even that can be done.
FindingSet run_all_checks(const RunConfig& config, const std::string& config_path,
                          std::uint64_t seed);

// One check, in a process of its own.
Finding supervise_check(const RunConfig& config, const std::string& config_path,
                        const CheckOrder& order);

// One check, in this process, as supervise_check() starts it.
Finding run_ordered_check(const RunConfig& config, const CheckOrder& order);

}  // namespace kit

#endif  // GRADER_HARNESS_SUPERVISOR_H_
