// Names of objects that outlive a process: shared memory, semaphores, message queues.
//
// Each run has names of its own: what the program calls "/box", the system knows as
// "/kit-4711.box". So a run finds nothing that an earlier one left behind, two explorers do not
// meet, and what a run that was cut short has left is removed after it. A name that the run itself
// has not made, and that it does not ask to be made, is looked for as it stands: somebody outside
// may have made it.
//
// Thread-safety: the baton's holder; remove_names_of_run(): the fork server, after the run.
#ifndef GRADER_EXPLORE_RUNTIME_NAMES_H_
#define GRADER_EXPLORE_RUNTIME_NAMES_H_

namespace kit::explore {

enum class Kind : int { kMemory, kSemaphore, kQueue };

// The name for the system, in a buffer that lasts until the next call.
const char* name_in_run(Kind kind, const char* name, bool may_make);

// In the fork server: before a run, and after it.
void prepare_names();
void remove_names_of_run();

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_RUNTIME_NAMES_H_
