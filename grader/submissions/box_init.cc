// The first process of a box: takes in whoever has lost its parent, and keeps the box open until it
// is killed from outside. Nothing inside can end it: signals from within its own namespace that it
// has no handler for do not reach it (pid_namespaces(7)).
//
// It needs nothing of the box's file system: linked statically. It writes an "r" when the
// box is ready.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main() {
  // Not to be traced by processes of the same user.
  if (prctl(PR_SET_DUMPABLE, 0) != 0) return 1;
  sigset_t all;
  sigfillset(&all);
  if (sigprocmask(SIG_SETMASK, &all, nullptr) != 0) return 1;
  if (write(STDOUT_FILENO, "r", 1) != 1) return 1;
  close(STDOUT_FILENO);
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  while (true) {
    while (waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    int number = 0;
    sigwait(&child, &number);
  }
}
