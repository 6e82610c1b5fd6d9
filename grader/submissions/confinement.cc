#include "grader/submissions/confinement.h"

#include <unistd.h>

#include <exception>

#include "grader/submissions/bwrap.h"
#include "grader/submissions/limited.h"

namespace kit {
namespace {

constexpr int kTrialMs = 30'000;

}  // namespace

bool can_box() {
  BoxPlan plan;
  plan.folder = "/";
  std::vector<std::string> command = bwrap_command(plan);
  command.push_back("/usr/bin/true");
  try {
    return run_limited(command, "", {}, {}, Deadline::after_ms(kTrialMs)).is_ok();
  } catch (const std::exception&) {
    return false;
  }
}

std::vector<std::string> missing_confinement() {
  std::vector<std::string> missing;
  if (!can_box()) {
    missing.push_back(access(kBwrap, X_OK) == 0
                          ? "namespaces are refused here, so submissions see the machine's files "
                            "and processes"
                          : "bubblewrap is not installed, so submissions see the machine's files "
                            "and processes");
    if (!box_uid(getpid())) missing.push_back("submissions run as the user who grades them");
  }
  return missing;
}

}  // namespace kit
