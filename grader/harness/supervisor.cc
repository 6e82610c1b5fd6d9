#include "grader/harness/supervisor.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>

#include "grader/harness/calibration.h"
#include "grader/harness/deadline.h"
#include "grader/harness/leftovers.h"
#include "grader/harness/mode_test.h"

namespace kit {
namespace {

namespace fs = std::filesystem;

// Beyond the check's own limit: for taking stacks, shrinking a scenario and ending programs.
constexpr std::int64_t kAfterMs = 20'000;

// Short, since the path of a Unix socket has 108 bytes.
class Folder {
 public:
  Folder() {
    std::string path = "/tmp/kit.XXXXXX";
    if (mkdtemp(path.data()) == nullptr) throw std::system_error(errno, std::generic_category(), path);
    path_ = path;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Finding not_gradable(const std::string& check, const std::string& why) {
  Finding finding;
  finding.check = check;
  finding.status = Status::kNotGradable;
  finding.observed = why;
  return finding;
}

Finding skipped(const std::string& check, const std::string& why) {
  Finding finding;
  finding.check = check;
  finding.status = Status::kSkipped;
  finding.observed = why;
  return finding;
}

// Waits until the check's process has ended; kills it, and all it started, when the time is up.
int wait_for(pid_t pid, Deadline deadline) {
  int status = 0;
  while (waitpid(pid, &status, WNOHANG) == 0) {
    if (deadline.expired()) {
      kill(-pid, SIGKILL);
      waitpid(pid, &status, 0);
      break;
    }
    const timespec pause = {0, 2'000'000};  // waitpid(2) has no deadline of its own
    nanosleep(&pause, nullptr);
  }
  return status;
}

Finding read_finding(const std::string& path, const std::string& check, int status) {
  std::ifstream file(path);
  try {
    return nlohmann::json::parse(file).get<Finding>();
  } catch (const std::exception&) {
    const std::string how = WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                                                : "exit status " + std::to_string(WEXITSTATUS(status));
    return not_gradable(check, "the driver ended with " + how + " and left no finding");
  }
}

std::vector<std::string> arguments(const std::string& config_path, const CheckOrder& order) {
  std::vector<std::string> args = {"/proc/self/exe", "--config",   config_path,
                                   "--ordered",      order.check,  "--folder",
                                   order.folder,     "--seed",     std::to_string(order.seed),
                                   "--limit-ms",     std::to_string(order.limit_ms),
                                   "--slowness",     std::to_string(order.slowness)};
  if (order.with_gdb) args.push_back("--gdb");
  return args;
}

pid_t start(std::vector<std::string> args, bool in_foreground) {
  std::vector<char*> argv;
  for (std::string& arg : args) argv.push_back(arg.data());
  argv.push_back(nullptr);
  const pid_t pid = fork();
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid == 0) {
    if (!in_foreground) setpgid(0, 0);
    execv(argv[0], argv.data());
    _exit(127);
  }
  return pid;
}

// What a finding of leftovers shows is what was done; of a check that passed nobody wants to know it.
void add_leftovers(Finding& finding, const std::vector<std::string>& left) {
  if (left.empty() && finding.status == Status::kPassed) finding.did.clear();
  if (left.empty() || finding.status == Status::kNotGradable) return;
  std::string list;
  for (const std::string& one : left) list += (list.empty() ? "" : "\n") + one;
  if (finding.status == Status::kPassed) {
    finding.status = Status::kLeaked;
    finding.expected = "nothing is left behind when the programs have ended";
    finding.why = "Who runs the program again, or something else, stumbles over it.";
    finding.observed = "left behind: " + list;
    finding.hint =
        "Remove what you make, and wait for what you start, on every way out: also when SIGTERM comes.";
  } else {
    finding.evidence += "Left behind, and removed by the grader: " + list + "\n";
  }
}

CheckOrder order_for(const Calibration& calibration, const std::string& check, std::uint64_t seed) {
  CheckOrder order;
  order.check = check;
  order.seed = seed;
  order.limit_ms = calibration.limit_ms(check);
  order.slowness = calibration.slowness();
  return order;
}

Finding run_in_process(CheckOrder order, const std::string& config_path) {
  const Folder folder;
  order.folder = folder.path();
  Leftovers leftovers;
  const std::int64_t begin_ns = monotonic_ns();
  const pid_t pid = start(arguments(config_path, order), order.with_gdb);
  const Deadline limit = Deadline::after_ms(order.with_gdb ? 24 * 3'600'000 : 2 * order.limit_ms + kAfterMs);
  const int status = wait_for(pid, limit);
  Finding finding = read_finding(order.folder + "/finding.json", order.check, status);
  add_leftovers(finding, leftovers.sweep());
  finding.seconds = (monotonic_ns() - begin_ns) / 1e9;
  finding.seed = order.seed;
  return finding;
}

// Name to status in the plain run; empty when there was none.
std::map<std::string, Status> plain_statuses(const RunConfig& config) {
  std::map<std::string, Status> statuses;
  if (config.after.empty()) return statuses;
  std::ifstream file(config.after);
  for (const Finding& finding : nlohmann::json::parse(file).get<FindingSet>().findings) {
    statuses[finding.check] = finding.status;
  }
  return statuses;
}

// Why a check is not run; empty when it is.
std::string reason_to_skip(const PlannedCheck& check, const std::map<std::string, Status>& before,
                           const std::map<std::string, Status>& so_far) {
  const auto plain = before.find(check.name);
  if (plain != before.end() && plain->second != Status::kPassed) {
    return "it does not pass in plain mode yet";
  }
  for (const std::string& need : check.needs) {
    for (const auto* statuses : {&so_far, &before}) {
      const auto found = statuses->find(need);
      if (found != statuses->end() && found->second != Status::kPassed) {
        return "it stands on " + need + ", which did not pass";
      }
    }
  }
  return "";
}

void become_subreaper() {
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) {
    throw std::system_error(errno, std::generic_category(), "prctl(PR_SET_CHILD_SUBREAPER)");
  }
}

}  // namespace

FindingSet run_all_checks(const RunConfig& config, const std::string& config_path,
                          std::uint64_t seed) {
  become_subreaper();
  const Calibration calibration(config.calibration, config.mode);
  const std::string missing = missing_instrumentation(config);
  const std::map<std::string, Status> before = plain_statuses(config);
  std::map<std::string, Status> so_far;
  FindingSet set{config.lab, config.subject, config.step, std::string(mode_name(config.mode)),
                 describe_isolation(), {}};
  for (const PlannedCheck& check : config.checks) {
    const std::string reason = reason_to_skip(check, before, so_far);
    Finding finding;
    if (!missing.empty()) {
      finding = not_gradable(check.name, missing);
    } else if (!reason.empty()) {
      finding = skipped(check.name, reason);
    } else {
      for (int run = 0; run < config.runs; ++run) {
        finding = run_in_process(order_for(calibration, check.name, seed + run), config_path);
        if (finding.status != Status::kPassed) break;
      }
    }
    so_far[check.name] = finding.status;
    set.findings.push_back(finding);
  }
  return set;
}

Finding supervise_check(const RunConfig& config, const std::string& config_path,
                        const std::string& check, std::uint64_t seed, bool with_gdb) {
  become_subreaper();
  const Calibration calibration(config.calibration, config.mode);
  CheckOrder order = order_for(calibration, check, seed);
  order.with_gdb = with_gdb;
  return run_in_process(order, config_path);
}

}  // namespace kit
