// An atomic that is read and written in two steps.
#include <atomic>
#include <cassert>
#include <thread>

std::atomic<int> counter{0};

void add() {
#ifdef FIXED
  counter.fetch_add(1);
#else
  counter.store(counter.load() + 1);
#endif
}

int main() {
  std::thread a(add), b(add);
  a.join();
  b.join();
  assert(counter == 2);
}
