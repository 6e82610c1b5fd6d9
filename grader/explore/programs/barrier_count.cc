// A barrier for one thread too few.
#include <pthread.h>

#include <atomic>
#include <cassert>
#include <thread>

#ifdef FIXED
constexpr unsigned kCount = 3;
#else
constexpr unsigned kCount = 2;
#endif

pthread_barrier_t barrier;
std::atomic<int> arrived{0};

void phase() {
  ++arrived;
  pthread_barrier_wait(&barrier);
  assert(arrived == 3);
}

int main() {
  pthread_barrier_init(&barrier, nullptr, kCount);
  std::thread a(phase), b(phase), c(phase);
  a.join();
  b.join();
  c.join();
}
