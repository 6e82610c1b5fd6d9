// A probe, its scenario and its log, as a campaign of the schedule explorer sees them.
//
//     ExploredProbe probe("ring_buffer_probe");
//     probe.set_scenario(scenario);
//     explore::explore(probe, options, judge);
//     probe.history();                            // of the run that was last
//
// Ownership: the program belongs to the box. Thread-safety: for the check's thread.
// Errors: std::system_error; explore::SubjectGone when the probe does not answer.
#ifndef GRADER_HARNESS_EXPLORED_PROBE_H_
#define GRADER_HARNESS_EXPLORED_PROBE_H_

#include <map>
#include <string>
#include <vector>

#include "grader/explore/driver/debug.h"
#include "grader/explore/driver/link.h"
#include "grader/explore/driver/schedule.h"
#include "grader/explore/driver/subject.h"
#include "grader/harness/fd.h"
#include "grader/harness/history.h"
#include "grader/harness/log_reader.h"
#include "grader/harness/scenario.h"

namespace kit {

class ExploredProbe : public explore::Subject {
 public:
  explicit ExploredProbe(const std::string& probe);

  void set_scenario(const Scenario& scenario);

  const std::string& path() const override { return path_; }
  explore::Channel& channel() override { return link_.channel(); }
  const explore::Outcome& run(const explore::Plan& plan) override;

  History history() const { return log_.read(scenario_, 1).front(); }

  // Lets the person at the terminal follow one schedule in gdb, to the end.
  void debug(const explore::Schedule& schedule, explore::Stop stop);

 private:
  // What the probe needs to have in any case; `channel` is where it learns its schedule.
  std::map<std::string, std::string> env(const std::string& channel) const;
  std::vector<int> fds() const { return {log_.fd(), scenario_fd_.get()}; }

  std::string path_;
  explore::Link link_;
  LogReader log_;
  UniqueFd scenario_fd_;
  Scenario scenario_;
};

}  // namespace kit

#endif  // GRADER_HARNESS_EXPLORED_PROBE_H_
