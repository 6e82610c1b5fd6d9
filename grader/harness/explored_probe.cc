#include "grader/harness/explored_probe.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "grader/harness/check.h"
#include "grader/harness/debugger.h"

namespace kit {
namespace {

constexpr int kRunMs = 30'000;

}  // namespace

ExploredProbe::ExploredProbe(const std::string& probe)
    : path_(config().programs.at(probe)), scenario_fd_(memfd_create("kit-scenario", MFD_CLOEXEC)) {
  StartOptions options;
  options.inherited_fds = link_.inherited_fds();
  for (const int fd : fds()) options.inherited_fds.push_back(fd);
  options.env = env(link_.variable());
  options.env["LD_BIND_NOW"] = "1";
  box().start(probe, {}, options).close_in();
  link_.close_program_ends();
}

std::map<std::string, std::string> ExploredProbe::env(const std::string& channel) const {
  return {{explore::kChannelVariable, channel},
          {"KIT_LOG_FD", std::to_string(log_.fd())},
          {"KIT_SCENARIO_FD", std::to_string(scenario_fd_.get())}};
}

void ExploredProbe::set_scenario(const Scenario& scenario) {
  scenario_ = scenario;
  const std::string text = encode(scenario, 1);
  if (ftruncate(scenario_fd_.get(), 0) != 0 || pwrite(scenario_fd_.get(), text.data(), text.size(),
                                                      0) != static_cast<ssize_t>(text.size())) {
    throw std::system_error(errno, std::generic_category(), "the scenario");
  }
}

const explore::Outcome& ExploredProbe::run(const explore::Plan& plan) {
  log_.clear();
  channel().plan = plan;
  if (!link_.run(kRunMs)) throw explore::SubjectGone("the probe does not answer");
  return channel().outcome;
}

void ExploredProbe::debug(const explore::Schedule& schedule, explore::Stop stop) {
  log_.clear();
  const std::string plan = box().folder() + "/plan";
  explore::write_foreground_plan(schedule, plan);
  run_gdb(explore::gdb_command({path_}, stop), env(explore::foreground_variable(plan)), fds());
}

}  // namespace kit
