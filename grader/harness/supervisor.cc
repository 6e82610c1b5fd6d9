#include "grader/harness/supervisor.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "grader/harness/calibration.h"
#include "grader/harness/deadline.h"
#include "grader/harness/leftovers.h"
#include "grader/harness/mode_test.h"
#include "grader/harness/process_tree.h"
#include "grader/harness/temp_folder.h"

namespace kit {
namespace {

// Beyond the check's own limit: for taking stacks, shrinking a scenario and ending programs.
constexpr std::int64_t kAfterMs = 20'000;

// Processes, when the guard of the check's own process has not prevailed by then.
int far_too_many() { return 3 * max_processes(); }

// Of a check that was not run.
Finding not_run(const std::string& check, Status status, const std::string& why) {
  Finding finding;
  finding.check = check;
  finding.status = status;
  finding.observed = why;
  return finding;
}

Finding forked_without_end(const std::string& check) {
  Finding finding;
  finding.check = check;
  finding.status = Status::kFailed;
  finding.expected = "as many processes as the work needs";
  finding.observed = "more than " + std::to_string(far_too_many()) +
                     " processes ran at once, faster than they could be killed one by one";
  finding.hint = "Look for a fork() whose child goes on in the loop that forks.";
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
    const std::string how = WIFSIGNALED(status)
                                ? "signal " + std::to_string(WTERMSIG(status))
                                : "exit status " + std::to_string(WEXITSTATUS(status));
    return not_run(check, Status::kNotGradable,
                   "the driver ended with " + how + " and left no finding");
  }
}

std::vector<std::string> arguments(const std::string& config_path, const CheckOrder& order) {
  std::vector<std::string> args = {"/proc/self/exe",
                                   "--config",
                                   config_path,
                                   "--ordered",
                                   order.check,
                                   "--folder",
                                   order.folder,
                                   "--seed",
                                   std::to_string(order.seed),
                                   "--limit-ms",
                                   std::to_string(order.limit_ms),
                                   "--slowness",
                                   std::to_string(order.slowness)};
  if (!order.interleaving.empty()) args.insert(args.end(), {"--interleaving", order.interleaving});
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
    // A session of its own: the kernel then shares the processors between it and this process,
    // however many processes it has (sched(7), autogroup).
    if (!in_foreground) setsid();
    execv(argv[0], argv.data());
    _exit(127);
  }
  return pid;
}

// What a finding of leftovers shows is what was done; of a check that passed nobody wants to know
// it.
void add_leftovers(Finding& finding, const std::vector<std::string>& left) {
  if (left.empty() && finding.status == Status::kPassed) finding.did.clear();
  if (left.empty() || finding.status == Status::kNotGradable) return;
  std::string list;
  for (const std::string& one : left) list += (list.empty() ? "" : "\n") + one;
  if (finding.status == Status::kPassed) {
    accuse_of_leaving(finding, list);
  } else {
    finding.evidence += "Left behind, and removed by the grader: " + list + "\n";
  }
}

CheckOrder order_for(const RunConfig& config, const Calibration& calibration,
                     const std::string& check, std::uint64_t seed) {
  CheckOrder order;
  order.check = check;
  order.seed = seed;
  order.limit_ms = config.limit_ms > 0 ? config.limit_ms : calibration.limit_ms(check);
  order.slowness = calibration.slowness();
  return order;
}

// For the check's process, which itself ends a check that is late.
std::int64_t whole_limit_ms(const RunConfig& config, const CheckOrder& order) {
  if (order.with_gdb) return 24 * 3'600'000;
  return 2 * order.limit_ms + (config.limit_ms > 0 ? 0 : kAfterMs);
}

Finding run_in_process(const RunConfig& config, CheckOrder order, const std::string& config_path) {
  const TempFolder folder;
  order.folder = folder.path();
  Leftovers leftovers;
  // The check's own process has a guard, too, which knows what was done; should it not prevail,
  // this one ends that process as well.
  ForkGuard fork_guard(far_too_many(),
                       [] { kill_descendants_at_once(Deadline::after_ms(kAfterMs)); });
  const std::int64_t begin_ns = monotonic_ns();
  const pid_t pid = start(arguments(config_path, order), order.with_gdb);
  const Deadline limit = Deadline::after_ms(whole_limit_ms(config, order));
  const int status = wait_for(pid, limit);
  Finding finding = read_finding(order.folder + "/finding.json", order.check, status);
  const std::vector<std::string> left = leftovers.sweep();
  if (fork_guard.has_killed()) {
    finding = forked_without_end(order.check);
  } else {
    add_leftovers(finding, left);
  }
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

// What a check comes to without being run, because of one that it stands on; std::nullopt when it
// is run. The grader's fault there is the grader's fault here, and costs no points either.
std::optional<Finding> finding_after(const std::string& check, Status needed,
                                     const std::string& why) {
  if (needed == Status::kPassed) return std::nullopt;
  const bool is_our_fault = needed == Status::kNotGradable;
  return not_run(check, is_our_fault ? Status::kNotGradable : Status::kSkipped, why);
}

std::optional<Finding> finding_without_running(const PlannedCheck& check,
                                               const std::map<std::string, Status>& before,
                                               const std::map<std::string, Status>& so_far,
                                               Mode mode) {
  const auto plain = before.find(check.name);
  // The interleaving says more than a plain run can, which may have failed by luck.
  if (mode != Mode::kExplore && plain != before.end() && plain->second != Status::kPassed) {
    return finding_after(check.name, plain->second, "it does not pass in plain mode yet");
  }
  for (const std::string& need : check.needs) {
    for (const auto* statuses : {&so_far, &before}) {
      const auto found = statuses->find(need);
      if (found == statuses->end() || found->second == Status::kPassed) continue;
      return finding_after(check.name, found->second,
                           "it stands on " + need + ", which did not pass");
    }
  }
  return std::nullopt;
}

// As often as the config wants it, or until it does not pass.
Finding run_repeatedly(const RunConfig& config, const std::string& config_path, CheckOrder order) {
  Finding finding = run_in_process(config, order, config_path);
  for (int run = 1; run < config.runs && finding.status == Status::kPassed; ++run) {
    ++order.seed;
    finding = run_in_process(config, order, config_path);
  }
  return finding;
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
  FindingSet set{config.lab,           config.subject,
                 config.step,          std::string(mode_name(config.mode)),
                 describe_isolation(), {}};
  for (const PlannedCheck& check : config.checks) {
    const std::optional<Finding> known =
        finding_without_running(check, before, so_far, config.mode);
    Finding finding;
    if (!missing.empty()) {
      finding = not_run(check.name, Status::kNotGradable, missing);
    } else if (known) {
      finding = *known;
    } else {
      finding =
          run_repeatedly(config, config_path, order_for(config, calibration, check.name, seed));
    }
    so_far[check.name] = finding.status;
    set.findings.push_back(finding);
  }
  return set;
}

Finding supervise_check(const RunConfig& config, const std::string& config_path,
                        const CheckOrder& wanted) {
  become_subreaper();
  const Calibration calibration(config.calibration, config.mode);
  CheckOrder order = order_for(config, calibration, wanted.check, wanted.seed);
  order.with_gdb = wanted.with_gdb;
  order.interleaving = wanted.interleaving;
  if (order.with_gdb) signal(SIGINT, SIG_IGN);  // Ctrl-C is meant for the program that gdb runs
  return run_in_process(config, order, config_path);
}

}  // namespace kit
