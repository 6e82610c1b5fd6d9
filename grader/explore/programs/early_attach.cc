// A process uses what lies in shared memory before its maker has filled it in.
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cassert>

struct Shared {
  sem_t is_ready;
  int size;
};

int main() {
  auto* shared = static_cast<Shared*>(
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  sem_init(&shared->is_ready, 1, 0);
  if (fork() == 0) {
    shared->size = 8;
    sem_post(&shared->is_ready);
    _exit(0);
  }
#ifdef FIXED
  sem_wait(&shared->is_ready);
#endif
  assert(shared->size == 8);
  wait(nullptr);
}
