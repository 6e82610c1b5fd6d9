// A script: what processes (or threads) of a probe do one after the other, and what comes of it.
//
//     Script({"processes"})
//         .then("A", "create", {"100"}, "made")
//         .meanwhile("B", "open", {"5000"}, "opened")      // it waits ...
//         .when_asleep("B", "A", "publish", {}, "published")  // ... for this
//         .require("shared_probe");
//
// How the probe's side works: grader/harness/probe_script.h. Calls of one actor come in the order
// in which they are written here, and the results are compared in that order, too.
//
// Thread-safety: for the check's thread.
// Errors: the verdicts of check.h.
#ifndef GRADER_REGISTRATION_SERVER_SCRIPT_H_
#define GRADER_REGISTRATION_SERVER_SCRIPT_H_

#include <map>
#include <string>
#include <vector>

#include "grader/harness/scenario.h"

namespace kit::registration_lab {

inline constexpr char kLongMs[] = "60000";  // nobody waits so long, or something is wrong

// The setup line of most probes: processes, and an instance of their own.
Words processes();

// How long one may take who was woken; who was not, finds out only after it. In the finding it is
// marked as one that varies.
std::string wake_ms();

class Script {
 public:
  explicit Script(Words setup) : scenario_{std::move(setup), {}} {}

  Script& then(const std::string& who, const std::string& what, Words args,
               const std::string& result);
  // One that waits: what comes next does not wait for it.
  Script& meanwhile(const std::string& who, const std::string& what, Words args,
                    const std::string& result);
  // As soon as `sleeper` is known to sleep in its call.
  Script& when_asleep(const std::string& sleeper, const std::string& who, const std::string& what,
                      Words args, const std::string& result);
  // `who` is killed, by a call that does so.
  Script& dies(const std::string& who, const std::string& what = "die", Words args = {});
  // As soon as `dead` is so.
  Script& when_dead(const std::string& dead, const std::string& who, const std::string& what,
                    Words args, const std::string& result);

  // Runs it, and requires each call to return what stands beside it.
  void require(const std::string& probe) const;

 private:
  struct Expected {
    std::string call;
    std::string result;
    bool is_death = false;
  };

  Script& add(const std::string& mark, const std::string& who, Call call, const Expected& expected);

  Scenario scenario_;
  std::map<std::string, std::size_t> threads_;  // by who they are
  std::vector<std::pair<std::size_t, Expected>> expected_;
  int turn_ = 0;
};

}  // namespace kit::registration_lab

#endif  // GRADER_REGISTRATION_SERVER_SCRIPT_H_
