// A control group for the boxes of one room, where the machine lets us make one: then all of a
// submission's processes together have a bound of memory and of number and one share of the
// processors, and not each of them.
//
// Ownership: the destructor removes the group, which must be empty by then.
// Thread-safety: none. Errors: none; without a group there are the limits of each process.
// Source: cgroups(7).
#ifndef GRADER_SUBMISSIONS_CGROUP_H_
#define GRADER_SUBMISSIONS_CGROUP_H_

#include <string>
#include <utility>
#include <vector>

#include "grader/harness/fd.h"

namespace kit {

class Cgroup {
 public:
  Cgroup();
  ~Cgroup();
  Cgroup(const Cgroup&) = delete;
  Cgroup& operator=(const Cgroup&) = delete;

  // The files to write a process into, with ':' between them; empty where there is no group. The
  // driver stays outside: it is to live, and to be served, when the group is at its bounds.
  std::string entrances() const;

 private:
  void make_own(const std::string& controller,
                const std::vector<std::pair<std::string, std::string>>& values);

  std::vector<std::string> folders_;
  std::vector<UniqueFd> locks_;  // of each folder: that it is in use
};

}  // namespace kit

#endif  // GRADER_SUBMISSIONS_CGROUP_H_
