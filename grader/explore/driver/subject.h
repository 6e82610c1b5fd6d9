// An explored program: started once, run under many schedules.
//
// Ownership: owns the process and ends it. Thread-safety: none.
// Errors: std::system_error when the program cannot be started; SubjectGone when it no longer
// answers, which is the explorer's fault and not the program's.
#ifndef GRADER_EXPLORE_DRIVER_SUBJECT_H_
#define GRADER_EXPLORE_DRIVER_SUBJECT_H_

#include <sys/types.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "grader/explore/driver/link.h"
#include "grader/explore/driver/schedule.h"

namespace kit::explore {

struct SubjectGone : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Carries out plans; what a campaign needs of a program, however it was started.
// Plans a run that follows the schedule, in the channel.
void plan_replay(const Schedule& schedule, bool is_hasty, Channel& to);

class Subject {
 public:
  virtual ~Subject() = default;
  virtual const std::string& path() const = 0;
  // One run. What it came to is in the channel until the next one.
  virtual const Outcome& run(const Plan& plan) = 0;
  virtual Channel& channel() = 0;

  // A run that follows the schedule.
  const Outcome& replay(const Schedule& schedule, bool is_hasty = false);
  // The schedule of the last run.
  Schedule last_schedule();
};

// A program by itself, as `argv` says; its output goes nowhere, except its last words on standard
// error.
class ProgramSubject : public Subject {
 public:
  explicit ProgramSubject(std::vector<std::string> argv);
  ~ProgramSubject() override;

  const std::string& path() const override { return argv_[0]; }
  const Outcome& run(const Plan& plan) override;
  Channel& channel() override { return link_.channel(); }
  // What the last run wrote on standard error, shortened.
  std::string last_words() const;

 private:
  std::vector<std::string> argv_;
  Link link_;
  UniqueFd errors_;
  pid_t pid_ = -1;
};

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_DRIVER_SUBJECT_H_
