// Two processes and a mailbox in shared memory: a second letter before the first was taken.
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cassert>

struct Mailbox {
  sem_t full;
  sem_t empty;
  int letter;
  int sum;
};

int main() {
  auto* box = static_cast<Mailbox*>(
      mmap(nullptr, sizeof(Mailbox), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  sem_init(&box->full, 1, 0);
  sem_init(&box->empty, 1, 1);
  const pid_t child = fork();
  if (child == 0) {
    for (int i = 0; i < 2; ++i) {
      sem_wait(&box->full);
      box->sum += box->letter;
      sem_post(&box->empty);
    }
    _exit(0);
  }
  for (int i = 1; i <= 2; ++i) {
#ifdef FIXED
    sem_wait(&box->empty);
#endif
    box->letter = i;
    sem_post(&box->full);
  }
  waitpid(child, nullptr, 0);
  assert(box->sum == 3);
}
