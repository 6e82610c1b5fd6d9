// A control group for one room, where the machine lets us make one: then all of a submission's
// processes together have a bound of memory and of number, and not each of them.
//
// Ownership: the destructor removes the group, which must be empty by then.
// Thread-safety: none. Errors: none; without a group there are the limits of each process.
// Source: cgroups(7).
#ifndef GRADER_SUBMISSIONS_CGROUP_H_
#define GRADER_SUBMISSIONS_CGROUP_H_

#include <string>
#include <vector>

namespace kit {

class Cgroup {
 public:
  Cgroup();
  ~Cgroup();
  Cgroup(const Cgroup&) = delete;
  Cgroup& operator=(const Cgroup&) = delete;

  // The calling process, and all that it starts.
  void enter() const;

  bool has_memory() const { return has_memory_; }

 private:
  bool has_memory_ = false;
  std::vector<std::string> folders_;
};

}  // namespace kit

#endif  // GRADER_SUBMISSIONS_CGROUP_H_
