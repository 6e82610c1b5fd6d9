// A fatal signal stops the process, so that whoever started it can take the stacks of all threads
// from outside before it is gone.
//
// On SIGSEGV, SIGBUS, SIGABRT, SIGFPE and SIGILL the handler writes "kit: fatal signal 11 in
// process 4711\n" to standard error and stops the process with SIGSTOP. The harness sees that with
// waitpid and WUNTRACED, takes the stacks, and kills it. Continued instead, the process dies by its
// signal.
//
// The handler runs on a stack of its own in each thread: after an endless recursion there is no
// other. Nothing is installed over a handler that is there, nor where a sanitizer or Valgrind makes
// the report itself. With KIT_CRASH_STOP=0 nothing is installed at all.
//
// Source: sigaction(2), sigaltstack(2), signal-safety(7).
#ifndef GRADER_HARNESS_INTERPOSE_CRASH_H_
#define GRADER_HARNESS_INTERPOSE_CRASH_H_

namespace kit {

void start_crash_stop();

// At the start of each further thread.
void give_signal_stack();

}  // namespace kit

#endif  // GRADER_HARNESS_INTERPOSE_CRASH_H_
