// Processes of a run; see interpose_process.cc.
#ifndef GRADER_EXPLORE_RUNTIME_PROCESSES_H_
#define GRADER_EXPLORE_RUNTIME_PROCESSES_H_

namespace kit::explore {

// Once in a run: the end of the first process is noted.
void note_first_process();

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_RUNTIME_PROCESSES_H_
