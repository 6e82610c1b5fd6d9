// What the explorer does not control, and says so about: a run that meets one of these ends with
// the verdict "not supported", and nobody is accused of anything.
#include <signal.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/time.h>
#include <unistd.h>

#include "grader/explore/runtime/finish.h"
#include "grader/explore/runtime/real.h"
#include "grader/explore/runtime/world.h"

using kit::explore::finish_unsupported;
using kit::explore::is_explored;

extern "C" {

int execve(const char* path, char* const* argv, char* const* environment) {
  if (!is_explored()) return KIT_REAL(execve)(path, argv, environment);
  finish_unsupported("execve()");
}

int pause() {
  if (!is_explored()) return KIT_REAL(pause)();
  finish_unsupported("pause()");
}

int sigsuspend(const sigset_t* mask) {
  if (!is_explored()) return KIT_REAL(sigsuspend)(mask);
  finish_unsupported("sigsuspend()");
}

int sigwait(const sigset_t* __restrict set, int* __restrict signal) {
  if (!is_explored()) return KIT_REAL(sigwait)(set, signal);
  finish_unsupported("sigwait()");
}

int sigwaitinfo(const sigset_t* __restrict set, siginfo_t* __restrict info) {
  if (!is_explored()) return KIT_REAL(sigwaitinfo)(set, info);
  finish_unsupported("sigwaitinfo()");
}

int setitimer(__itimer_which_t which, const itimerval* __restrict value,
              itimerval* __restrict old) {
  if (!is_explored()) return KIT_REAL(setitimer)(which, value, old);
  finish_unsupported("setitimer()");
}

int semop(int id, sembuf* operations, size_t count) {
  if (!is_explored()) return KIT_REAL(semop)(id, operations, count);
  finish_unsupported("semop()");
}

int msgsnd(int id, const void* message, size_t bytes, int flags) {
  if (!is_explored()) return KIT_REAL(msgsnd)(id, message, bytes, flags);
  finish_unsupported("msgsnd()");
}

ssize_t msgrcv(int id, void* message, size_t bytes, long type, int flags) {
  if (!is_explored()) return KIT_REAL(msgrcv)(id, message, bytes, type, flags);
  finish_unsupported("msgrcv()");
}

}  // extern "C"
