// Events from inside the subject's processes, told by the interposed library: what a history cannot
// show. See interpose/watch.h for which there are.
//
// Only in plain and stress mode: the other modes bring their own allocator.
//
// Ownership: a Watch owns its pipe; start programs with its options, and ask for the events when
// they have ended, or when enough has happened. Thread-safety: none.
#ifndef GRADER_HARNESS_WATCH_H_
#define GRADER_HARNESS_WATCH_H_

#include <string>
#include <vector>

#include "grader/harness/box.h"
#include "grader/harness/history.h"
#include "grader/harness/own_code.h"
#include "grader/harness/scenario.h"

namespace kit {

struct WatchEvent {
  std::string name;   // "alloc-under-lock", "shm_open"
  std::string what;   // bytes, descriptor, or the object's name
  std::string place;  // where the subject's code made the call, "file:line"; may be empty
  std::string site;   // the same, as the library told it
};

class Watch {
 public:
  // Throws std::system_error.
  Watch();

  // `options` with what makes a program report to this watch.
  StartOptions apply(StartOptions options = {}) const;

  // What was reported since the last call; only the events of this name, unless it is empty. (To
  // find an event's place in the source takes a moment.)
  std::vector<WatchEvent> take_events(const std::string& name = "");
  // All events, their places still empty.
  std::vector<WatchEvent> take_unplaced_events();

 private:
  UniqueFd read_end_;
  UniqueFd write_end_;
};

// The place of an event's site: the innermost of its calls that lies in `own` code.
std::string place_of_site(const std::string& site, const OwnCode& own);

// Runs the scenario once and returns the events; ends the check like run_probe().
std::vector<WatchEvent> run_watched(const std::string& probe, const Scenario& scenario);

}  // namespace kit

#endif  // GRADER_HARNESS_WATCH_H_
