// The driver's end of the channel to an explored program; see channel.h.
//
// The program is started by somebody else, with what inherited_fds() names and the environment
// variable kChannelVariable set to variable(). Then run() makes it carry out one schedule.
//
// Ownership: owns the memory and the descriptors. Thread-safety: none.
// Errors: the constructor throws std::system_error. A program that does not answer is no error:
// run() says so.
#ifndef GRADER_EXPLORE_DRIVER_LINK_H_
#define GRADER_EXPLORE_DRIVER_LINK_H_

#include <string>
#include <vector>

#include "grader/explore/channel.h"
#include "grader/harness/fd.h"

namespace kit::explore {

class Link {
 public:
  Link();
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  std::vector<int> inherited_fds() const;
  std::string variable() const;
  // Once the program has been started: its ends are its own.
  void close_program_ends();

  // One schedule. The plan, and for a replay the schedule, are in the channel. False: the program
  // does not answer, or not in time.
  bool run(int timeout_ms);

  Channel& channel() { return *channel_; }

 private:
  UniqueFd memory_;
  Channel* channel_ = nullptr;
  UniqueFd go_read_;
  UniqueFd go_write_;
  UniqueFd done_read_;
  UniqueFd done_write_;
};

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_DRIVER_LINK_H_
