// `if` in the place of `while` around a wait: two consumers, one item for both.
#include <cassert>
#include <condition_variable>
#include <mutex>
#include <thread>

std::mutex mutex;
std::condition_variable there;
int items = 0;

void consume() {
  std::unique_lock<std::mutex> lock(mutex);
#ifdef FIXED
  while (items == 0) there.wait(lock);
#else
  if (items == 0) there.wait(lock);
#endif
  --items;
  assert(items >= 0);
}

void produce() {
  for (int i = 0; i < 2; ++i) {
    const std::lock_guard<std::mutex> lock(mutex);
    ++items;
    there.notify_all();
  }
}

int main() {
  std::thread a(consume), b(consume), c(produce);
  a.join();
  b.join();
  c.join();
}
