// Other programs. What one of them does is in nobody's schedule, and it would be started with
// whatever this one's threads have just left half done: a run that starts one ends there.
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
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

int execv(const char* path, char* const* argv) { return execve(path, argv, environ); }

int execvpe(const char* file, char* const* argv, char* const* environment) {
  if (!is_explored()) return KIT_REAL(execvpe)(file, argv, environment);
  finish_unsupported("execvpe()");
}

int execvp(const char* file, char* const* argv) { return execvpe(file, argv, environ); }

int fexecve(int fd, char* const* argv, char* const* environment) {
  if (!is_explored()) return KIT_REAL(fexecve)(fd, argv, environment);
  finish_unsupported("fexecve()");
}

int posix_spawn(pid_t* __restrict pid, const char* __restrict path,
                const posix_spawn_file_actions_t* __restrict actions,
                const posix_spawnattr_t* __restrict attributes, char* const* argv,
                char* const* environment) {
  if (!is_explored())
    return KIT_REAL(posix_spawn)(pid, path, actions, attributes, argv, environment);
  finish_unsupported("posix_spawn()");
}

int posix_spawnp(pid_t* __restrict pid, const char* __restrict file,
                 const posix_spawn_file_actions_t* __restrict actions,
                 const posix_spawnattr_t* __restrict attributes, char* const* argv,
                 char* const* environment) {
  if (!is_explored())
    return KIT_REAL(posix_spawnp)(pid, file, actions, attributes, argv, environment);
  finish_unsupported("posix_spawnp()");
}

int system(const char* command) {
  if (!is_explored()) return KIT_REAL(system)(command);
  finish_unsupported("system()");
}

FILE* popen(const char* command, const char* mode) {
  if (!is_explored()) return KIT_REAL(popen)(command, mode);
  finish_unsupported("popen()");
}

int daemon(int keeps_folder, int keeps_output) {
  if (!is_explored()) return KIT_REAL(daemon)(keeps_folder, keeps_output);
  finish_unsupported("daemon()");
}

}  // extern "C"

// The forms with a list of arguments are not worth carrying out outside of a run: they are called
// in explored programs only, where they end it.
#define KIT_EXEC_LIST(name)                            \
  extern "C" int name(const char*, const char*, ...) { \
    if (is_explored()) finish_unsupported(#name "()"); \
    return -1;                                         \
  }

KIT_EXEC_LIST(execl)
KIT_EXEC_LIST(execlp)
KIT_EXEC_LIST(execle)
