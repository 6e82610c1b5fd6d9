// An early return that keeps a raw lock.
#include <pthread.h>

#include <thread>

pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
int value = 0;

void use() {
  pthread_mutex_lock(&mutex);
  if (value++ == 1) {
#ifdef FIXED
    pthread_mutex_unlock(&mutex);
#endif
    return;
  }
  pthread_mutex_unlock(&mutex);
}

int main() {
  std::thread a(use), b(use), c(use);
  a.join();
  b.join();
  c.join();
}
