// Opening and removing what has a name in the system; see names.h.
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>

#include "grader/explore/runtime/keys.h"
#include "grader/explore/runtime/names.h"
#include "grader/explore/runtime/real.h"
#include "grader/explore/runtime/world.h"

namespace kit::explore {
namespace {

const char* own(Kind kind, const char* name, bool may_make) {
  if (!is_explored()) return name;
  Entry entry(KIT_PC);
  return name_in_run(kind, name, may_make);
}

// The C library maps a semaphore's file by itself: the mapping must be known to name what lies in
// it.
void note_named(const char* name, sem_t* sem) {
  char path[256];
  snprintf(path, sizeof path, "/dev/shm/sem.%s", name[0] == '/' ? name + 1 : name);
  Entry entry(KIT_PC);
  add_mapping_of(path, sem, sizeof *sem);
}

}  // namespace
}  // namespace kit::explore

using kit::explore::is_explored;
using kit::explore::Kind;
using kit::explore::own;

extern "C" {

int shm_open(const char* name, int flags, mode_t mode) {
  return KIT_REAL(shm_open)(own(Kind::kMemory, name, (flags & O_CREAT) != 0), flags, mode);
}

int shm_unlink(const char* name) { return KIT_REAL(shm_unlink)(own(Kind::kMemory, name, false)); }

sem_t* sem_open(const char* name, int flags, ...) {
  const bool makes = (flags & O_CREAT) != 0;
  va_list more;
  va_start(more, flags);
  const mode_t mode = makes ? va_arg(more, mode_t) : 0;
  const unsigned value = makes ? va_arg(more, unsigned) : 0;
  va_end(more);
  const char* owned = own(Kind::kSemaphore, name, makes);
  sem_t* sem = KIT_REAL(sem_open)(owned, flags, mode, value);
  const int error = errno;
  if (sem != SEM_FAILED && is_explored()) kit::explore::note_named(owned, sem);
  errno = error;
  return sem;
}

int sem_unlink(const char* name) {
  return KIT_REAL(sem_unlink)(own(Kind::kSemaphore, name, false));
}

mqd_t mq_open(const char* name, int flags, ...) {
  const bool makes = (flags & O_CREAT) != 0;
  va_list more;
  va_start(more, flags);
  const mode_t mode = makes ? va_arg(more, mode_t) : 0;
  mq_attr* attributes = makes ? va_arg(more, mq_attr*) : nullptr;
  va_end(more);
  const char* owned = own(Kind::kQueue, name, makes);
  return KIT_REAL(mq_open)(owned, flags, mode, attributes);
}

int mq_unlink(const char* name) { return KIT_REAL(mq_unlink)(own(Kind::kQueue, name, false)); }

}  // extern "C"
