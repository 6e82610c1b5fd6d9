// One invariant under two mutexes.
#include <cassert>
#include <mutex>
#include <thread>

std::mutex first, second;
int balance = 0;

void add(std::mutex& mutex) {
  const std::lock_guard<std::mutex> lock(mutex);
  const int old = balance;
  balance = old + 1;
}

int main() {
  std::thread a([] { add(first); });
#ifdef FIXED
  std::thread b([] { add(first); });
#else
  std::thread b([] { add(second); });
#endif
  a.join();
  b.join();
  assert(balance == 2);
}
