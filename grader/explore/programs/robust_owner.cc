// Explored with deaths: a process may die with a robust mutex, and the next owner must repair.
#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cassert>

struct Shared {
  pthread_mutex_t mutex;
  int left, right;
};

void lock(Shared* shared) {
  const int result = pthread_mutex_lock(&shared->mutex);
  if (result != EOWNERDEAD) return;
#ifdef FIXED
  shared->right = shared->left;
#endif
  pthread_mutex_consistent(&shared->mutex);
}

int main() {
  auto* shared = static_cast<Shared*>(
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&shared->mutex, &attributes);
  const pid_t child = fork();
  if (child == 0) {
    lock(shared);
    ++shared->left;
    sched_yield();
    ++shared->right;
    pthread_mutex_unlock(&shared->mutex);
    _exit(0);
  }
  lock(shared);
  assert(shared->left == shared->right);
  pthread_mutex_unlock(&shared->mutex);
  waitpid(child, nullptr, 0);
}
