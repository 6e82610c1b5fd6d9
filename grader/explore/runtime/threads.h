// The ends of threads; see interpose_thread.cc.
#ifndef GRADER_EXPLORE_RUNTIME_THREADS_H_
#define GRADER_EXPLORE_RUNTIME_THREADS_H_

#include <pthread.h>

namespace kit::explore {

// Once in a run, before its first thread does anything.
void start_threads();
// The thread of the calling process with that handle, or kNobody.
int find_thread(pthread_t handle);
// From now on the end of the calling thread is noticed. Not for a process's main thread, unless it
// ends by pthread_exit().
void watch_thread_end();

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_RUNTIME_THREADS_H_
