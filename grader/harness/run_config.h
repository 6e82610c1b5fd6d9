// What a driver is told: which checks to run, on which programs, in which mode. Written by the
// build as JSON; see grader/bazel/check_run.bzl.
//
// Thread-safety: plain values, read once at the start.
#ifndef GRADER_HARNESS_RUN_CONFIG_H_
#define GRADER_HARNESS_RUN_CONFIG_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "grader/harness/own_code.h"

namespace kit {

enum class Mode { kPlain, kAsan, kTsan, kMemcheck, kStress, kExplore };

std::string_view mode_name(Mode mode);

struct PlannedCheck {
  std::string name;                // "Suite.Name"
  std::vector<std::string> needs;  // skipped when one of these did not pass
};

struct RunConfig {
  std::string lab;
  std::string subject;        // "//labs/ring_buffer_server"
  OwnCode own_code;           // its source files
  std::string shown_package;  // the folder's name in a finding
  int step = 0;
  Mode mode = Mode::kPlain;
  std::map<std::string, std::string> programs;  // name to absolute path
  std::vector<std::string> references;          // those of the solution, which nobody judges
  std::string interpose;                        // the interposed library's absolute path
  std::string calibration;                      // path of calibration.json, or ""
  std::string after;                            // path of the plain run's findings, or ""
  int runs = 1;                                 // of each check, as long as it passes
  std::int64_t limit_ms = 0;                    // for a check; 0: calibrated
  std::vector<PlannedCheck> checks;             // what is run in this mode
  std::vector<std::string> known_checks;        // all that the manifest has for this step

  bool is_reference(const std::string& program) const;
};

// Throws std::runtime_error, which names the file and what is wrong with it.
RunConfig read_run_config(const std::string& path);

}  // namespace kit

#endif  // GRADER_HARNESS_RUN_CONFIG_H_
