// What the explorer does not control, and says so about: a run that meets one of these ends with
// the verdict "not supported", and nobody is accused of anything.
#include <mqueue.h>
#include <signal.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "grader/explore/runtime/finish.h"
#include "grader/explore/runtime/real.h"
#include "grader/explore/runtime/world.h"

using kit::explore::finish_unsupported;
using kit::explore::is_explored;

extern "C" {

int pause() {
  if (!is_explored()) return KIT_REAL(pause)();
  finish_unsupported("pause()");
}

int sigsuspend(const sigset_t* mask) {
  if (!is_explored()) return KIT_REAL(sigsuspend)(mask);
  finish_unsupported("sigsuspend()");
}

int setitimer(__itimer_which_t which, const itimerval* __restrict value,
              itimerval* __restrict old) {
  if (!is_explored()) return KIT_REAL(setitimer)(which, value, old);
  finish_unsupported("setitimer()");
}

int timer_create(clockid_t clock, sigevent* __restrict event, timer_t* __restrict timer) {
  if (!is_explored()) return KIT_REAL(timer_create)(clock, event, timer);
  finish_unsupported("timer_create()");
}

int timerfd_create(int clock, int flags) {
  if (!is_explored()) return KIT_REAL(timerfd_create)(clock, flags);
  finish_unsupported("timerfd_create()");
}

int mq_notify(mqd_t queue, const sigevent* event) {
  if (!is_explored()) return KIT_REAL(mq_notify)(queue, event);
  finish_unsupported("mq_notify()");
}

int semtimedop(int id, sembuf* operations, size_t count, const timespec* limit) {
  if (!is_explored()) return KIT_REAL(semtimedop)(id, operations, count, limit);
  finish_unsupported("semtimedop()");
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
