// C11's mutexes and condition variables (<threads.h>) as POSIX's: in glibc they are the same
// objects under two names. For libraries that stand in for the functions of <threads.h>: the C
// library calls its own behind them, past what stands in for the POSIX ones.
//
// Thread-safety: pure functions, but for make_mutex(), which makes what it is given.
#ifndef GRADER_HARNESS_C11_THREADS_H_
#define GRADER_HARNESS_C11_THREADS_H_

#include <errno.h>
#include <pthread.h>
#include <threads.h>

namespace kit {

// What a function of <threads.h> returns for an error number.
inline int thrd_result(int error) {
  switch (error) {
    case 0:
      return thrd_success;
    case EBUSY:
      return thrd_busy;
    case ETIMEDOUT:
      return thrd_timedout;
    case ENOMEM:
      return thrd_nomem;
    default:
      return thrd_error;
  }
}

inline pthread_mutex_t* as_pthread(mtx_t* mutex) {
  return reinterpret_cast<pthread_mutex_t*>(mutex);
}
inline pthread_cond_t* as_pthread(cnd_t* condition) {
  return reinterpret_cast<pthread_cond_t*>(condition);
}
inline pthread_once_t* as_pthread(once_flag* flag) {
  return reinterpret_cast<pthread_once_t*>(flag);
}
static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t) && sizeof(cnd_t) == sizeof(pthread_cond_t) &&
              sizeof(once_flag) == sizeof(pthread_once_t));

// mtx_init(), with an error number for a result.
inline int make_mutex(mtx_t* mutex, int type) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  if ((type & mtx_recursive) != 0) pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  const int error = pthread_mutex_init(as_pthread(mutex), &attributes);
  pthread_mutexattr_destroy(&attributes);
  return error;
}

}  // namespace kit

#endif  // GRADER_HARNESS_C11_THREADS_H_
