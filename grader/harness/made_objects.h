// Named objects that a program made, as the interposed library told it, and that are still there.
//
// The way to know them where /dev/shm is shared with the machine, or where message queues cannot be
// listed (they can where /dev/mqueue is mounted); and the only way to know which line made them.
// Thread-safety: none needed.
#ifndef GRADER_HARNESS_MADE_OBJECTS_H_
#define GRADER_HARNESS_MADE_OBJECTS_H_

#include <string>
#include <vector>

#include "grader/harness/own_code.h"
#include "grader/harness/watch.h"

namespace kit {

struct LeftObject {
  std::string what;   // "the message queue /echo"
  std::string place;  // the line that made it; may be empty
};

// Removes them. `own` is the subject's code.
std::vector<LeftObject> sweep_made_objects(const std::vector<WatchEvent>& events,
                                           const OwnCode& own);

}  // namespace kit

#endif  // GRADER_HARNESS_MADE_OBJECTS_H_
