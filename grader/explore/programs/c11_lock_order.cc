// C11's own threads and mutexes, taken in two orders.
#include <threads.h>

mtx_t a, b;

int one(void*) {
  mtx_lock(&a);
  mtx_lock(&b);
  mtx_unlock(&b);
  mtx_unlock(&a);
  return 0;
}

int two(void* argument) {
#ifdef FIXED
  return one(argument);
#else
  mtx_lock(&b);
  mtx_lock(&a);
  mtx_unlock(&a);
  mtx_unlock(&b);
  return argument == nullptr ? 0 : 1;
#endif
}

int main() {
  mtx_init(&a, mtx_plain);
  mtx_init(&b, mtx_plain);
  thrd_t threads[2];
  thrd_create(&threads[0], one, nullptr);
  thrd_create(&threads[1], two, nullptr);
  for (thrd_t thread : threads) thrd_join(thread, nullptr);
}
