// Locks on files. A lock that is free is taken as it is; to wait for one is not in the schedule, so
// a run in which somebody would have to wait ends there.
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/file.h>
#include <unistd.h>

#include "grader/explore/runtime/finish.h"
#include "grader/explore/runtime/io.h"
#include "grader/explore/runtime/real.h"
#include "grader/explore/runtime/scheduler.h"

namespace kit::explore {
namespace {

// The system keeps the lock; that it was given back is what the next one sees.
template <typename Call>
int lock_file(int fd, bool waits, const char* what, void* pc, Call call) {
  int result = -1;
  int error = 0;
  {
    Entry entry(pc);
    point({.op = Op::kLock, .key = kIoKey});
    result = call();
    error = errno;
    const bool is_taken = error == EWOULDBLOCK || error == EACCES;
    if (result < 0 && waits && is_taken) finish_unsupported(what);
    acquire(g_world->io_clock);
    note_call(fd, Op::kIoWrite);
  }
  if (result < 0) errno = error;
  return result;
}

}  // namespace
}  // namespace kit::explore

using kit::explore::is_explored;

extern "C" {

int flock(int fd, int operation) {
  if (!is_explored()) return KIT_REAL(flock)(fd, operation);
  return kit::explore::lock_file(fd, (operation & LOCK_NB) == 0, "flock() that has to wait", KIT_PC,
                                 [&] { return KIT_REAL(flock)(fd, operation | LOCK_NB); });
}

int fcntl(int fd, int command, ...) {
  va_list more;
  va_start(more, command);
  void* argument = va_arg(more, void*);
  va_end(more);
  const bool waits = command == F_SETLKW || command == F_OFD_SETLKW;
  if (!is_explored() || !waits) return KIT_REAL(fcntl)(fd, command, argument);
  const int at_once = command == F_SETLKW ? F_SETLK : F_OFD_SETLK;
  return kit::explore::lock_file(fd, true, "fcntl() that has to wait for a lock", KIT_PC,
                                 [&] { return KIT_REAL(fcntl)(fd, at_once, argument); });
}

int fcntl64(int fd, int command, ...) {
  va_list more;
  va_start(more, command);
  void* argument = va_arg(more, void*);
  va_end(more);
  return fcntl(fd, command, argument);
}

int lockf(int fd, int command, off_t bytes) {
  if (!is_explored() || command != F_LOCK) return KIT_REAL(lockf)(fd, command, bytes);
  return kit::explore::lock_file(fd, true, "lockf() that has to wait", KIT_PC,
                                 [&] { return KIT_REAL(lockf)(fd, F_TLOCK, bytes); });
}

}  // extern "C"
