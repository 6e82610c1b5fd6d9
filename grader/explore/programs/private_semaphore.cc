// A semaphore in shared memory that was initialised for the threads of one process.
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef FIXED
constexpr int kShared = 1;
#else
constexpr int kShared = 0;
#endif

int main() {
  auto* ready = static_cast<sem_t*>(
      mmap(nullptr, sizeof(sem_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  sem_init(ready, kShared, 0);
  if (fork() == 0) {
    sem_post(ready);
    _exit(0);
  }
  sem_wait(ready);
  wait(nullptr);
}
