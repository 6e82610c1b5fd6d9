// A reader-writer lock: what was read under the shared lock is old by the time the exclusive one is
// there.
#include <cassert>
#include <mutex>
#include <shared_mutex>
#include <thread>

std::shared_mutex mutex;
int value = 0;

void add() {
#ifdef FIXED
  const std::unique_lock<std::shared_mutex> lock(mutex);
  ++value;
#else
  int old = 0;
  {
    const std::shared_lock<std::shared_mutex> lock(mutex);
    old = value;
  }
  const std::unique_lock<std::shared_mutex> lock(mutex);
  value = old + 1;
#endif
}

int main() {
  std::thread a(add), b(add);
  a.join();
  b.join();
  assert(value == 2);
}
