// Two threads add to a counter; the sum is wrong when they do so at once.
#include <cassert>
#include <mutex>
#include <thread>

int counter = 0;
std::mutex mutex;

void add() {
#ifdef FIXED
  const std::lock_guard<std::mutex> lock(mutex);
#endif
  ++counter;
}

int main() {
  std::thread a(add), b(add);
  a.join();
  b.join();
  assert(counter == 2);
}
