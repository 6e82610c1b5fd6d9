// Shared memory by the path of its file. Who makes or removes an object of /dev/shm as the file
// that it is under Linux gets the same name for it as from shm_open(); see names.h.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grader/explore/runtime/names.h"
#include "grader/explore/runtime/real.h"
#include "grader/explore/runtime/world.h"

namespace kit::explore {
namespace {

constexpr char kFolder[] = "/dev/shm/";
constexpr std::size_t kFolderBytes = sizeof kFolder - 1;

// A path as the system is to see it.
class Path {
 public:
  Path(const char* path, bool may_make, void* pc) : path_(path) {
    if (!is_explored() || path == nullptr || strncmp(path, kFolder, kFolderBytes) != 0) return;
    if (path[kFolderBytes] == '\0' || strchr(path + kFolderBytes, '/') != nullptr) return;
    Entry entry(pc);
    const char* name = name_in_run(Kind::kMemory, path + kFolderBytes - 1, may_make);
    snprintf(text_, sizeof text_, "/dev/shm%s", name);
    path_ = text_;
  }

  const char* get() const { return path_; }

 private:
  const char* path_;
  char text_[PATH_MAX];
};

mode_t mode_of(int flags, va_list more) {
  const bool has_mode = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
  return has_mode ? va_arg(more, mode_t) : 0;
}

}  // namespace
}  // namespace kit::explore

using kit::explore::mode_of;
using kit::explore::Path;

#define KIT_OPEN(function)                                \
  int function(const char* path, int flags, ...) {        \
    va_list more;                                         \
    va_start(more, flags);                                \
    const mode_t mode = mode_of(flags, more);             \
    va_end(more);                                         \
    const Path own(path, (flags & O_CREAT) != 0, KIT_PC); \
    return KIT_REAL(function)(own.get(), flags, mode);    \
  }

#define KIT_OPENAT(function)                                   \
  int function(int folder, const char* path, int flags, ...) { \
    va_list more;                                              \
    va_start(more, flags);                                     \
    const mode_t mode = mode_of(flags, more);                  \
    va_end(more);                                              \
    const Path own(path, (flags & O_CREAT) != 0, KIT_PC);      \
    return KIT_REAL(function)(folder, own.get(), flags, mode); \
  }

extern "C" {

KIT_OPEN(open)
KIT_OPEN(open64)
KIT_OPENAT(openat)
KIT_OPENAT(openat64)

int link(const char* from, const char* to) {
  const Path own_from(from, false, KIT_PC);
  const Path own_to(to, true, KIT_PC);
  return KIT_REAL(link)(own_from.get(), own_to.get());
}

int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) {
  const Path own_from(from, false, KIT_PC);
  const Path own_to(to, true, KIT_PC);
  return KIT_REAL(linkat)(from_folder, own_from.get(), to_folder, own_to.get(), flags);
}

int rename(const char* from, const char* to) {
  const Path own_from(from, false, KIT_PC);
  const Path own_to(to, true, KIT_PC);
  return KIT_REAL(rename)(own_from.get(), own_to.get());
}

int access(const char* path, int mode) {
  const Path own(path, false, KIT_PC);
  return KIT_REAL(access)(own.get(), mode);
}

int stat(const char* __restrict path, struct stat* __restrict status) {
  const Path own(path, false, KIT_PC);
  using Stat = int (*)(const char*, struct stat*);
  static Stat real = nullptr;
  if (real == nullptr) real = reinterpret_cast<Stat>(dlsym(RTLD_NEXT, "stat"));
  return real(own.get(), status);
}

int remove(const char* path) {
  const Path own(path, false, KIT_PC);
  return KIT_REAL(remove)(own.get());
}

int unlink(const char* path) {
  const Path own(path, false, KIT_PC);
  return KIT_REAL(unlink)(own.get());
}

int unlinkat(int folder, const char* path, int flags) {
  const Path own(path, false, KIT_PC);
  return KIT_REAL(unlinkat)(folder, own.get(), flags);
}

}  // extern "C"
