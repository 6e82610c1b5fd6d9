// What a check left on the machine when its programs should all be gone.
//
// Processes: those below this one, which must be a subreaper (prctl(2)), so that daemons count.
// Objects: names in /dev/shm and, where it is mounted, /dev/mqueue, and System V objects. They are
// counted only when this driver has a /dev/shm of its own: on a shared one they may be anybody's.
//
// Thread-safety: none.
#ifndef GRADER_HARNESS_LEFTOVERS_H_
#define GRADER_HARNESS_LEFTOVERS_H_

#include <set>
#include <string>
#include <vector>

#include "grader/harness/finding.h"

namespace kit {

class Leftovers {
 public:
  // Remembers what is there now.
  Leftovers();

  // What is there now and was not then, a line each; and removes it: processes are killed and
  // reaped, objects unlinked.
  std::vector<std::string> sweep();

 private:
  std::set<std::string> objects_;
};

// Makes the finding of a check that passed one about what was left, a line each.
void accuse_of_leaving(Finding& finding, const std::string& left);

// "own network, own /dev/shm" or what is shared with the machine; said in every report.
std::string describe_isolation();

}  // namespace kit

#endif  // GRADER_HARNESS_LEFTOVERS_H_
