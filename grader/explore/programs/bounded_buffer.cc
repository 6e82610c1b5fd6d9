// A bounded buffer with semaphores: the mutex is taken before the place is there.
#include <semaphore.h>

#include <cassert>
#include <thread>

sem_t mutex, empty, full;
int buffer[1];
int sum = 0;

void put(int value) {
#ifdef FIXED
  sem_wait(&empty);
  sem_wait(&mutex);
#else
  sem_wait(&mutex);
  sem_wait(&empty);
#endif
  buffer[0] = value;
  sem_post(&mutex);
  sem_post(&full);
}

void get() {
  sem_wait(&full);
  sem_wait(&mutex);
  sum += buffer[0];
  sem_post(&mutex);
  sem_post(&empty);
}

int main() {
  sem_init(&mutex, 0, 1);
  sem_init(&empty, 0, 1);
  sem_init(&full, 0, 0);
  std::thread a([] { put(1), put(2); }), b([] { get(), get(); });
  a.join();
  b.join();
  assert(sum == 3);
}
