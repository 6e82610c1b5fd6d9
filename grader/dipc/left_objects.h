// Named objects (shared memory, semaphores) that a server of the subject left behind.
//
// Two things know of them: the interposed library, which tells the line that made each (in the
// modes plain and stress), and the folder /dev/shm, where this driver has one of its own.
//
// Thread-safety: for the check's thread.
#ifndef GRADER_DIPC_LEFT_OBJECTS_H_
#define GRADER_DIPC_LEFT_OBJECTS_H_

#include <string>
#include <vector>

#include "grader/harness/made_objects.h"

namespace kit::dipc_lab {

// What is there now is not the subject's. To be called before its first program is started; a
// second call does nothing.
void remember_objects();

// What the subject made and is still there; removes it. Only for moments at which nothing of it
// should be there.
std::vector<LeftObject> take_left_objects();

// Ends the check when something is there. `when`: "after dipcrm".
void require_no_objects(const std::string& when);

// The files in /dev/shm that came since remember_objects(), as paths. Empty where /dev/shm is
// shared with the machine.
std::vector<std::string> object_files();

}  // namespace kit::dipc_lab

#endif  // GRADER_DIPC_LEFT_OBJECTS_H_
