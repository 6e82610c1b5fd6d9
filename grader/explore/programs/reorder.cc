// Many setters, one checker: it must see the two writes in their order or not at all.
#include <cassert>
#include <mutex>
#include <thread>
#include <vector>

int a = 0, b = 0;
std::mutex mutex;

void set() {
#ifdef FIXED
  const std::lock_guard<std::mutex> lock(mutex);
#endif
  a = 1;
  b = -1;
}

void check() {
#ifdef FIXED
  const std::lock_guard<std::mutex> lock(mutex);
#endif
  assert((a == 0 && b == 0) || (a == 1 && b == -1));
}

int main() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(set);
  threads.emplace_back(check);
  for (std::thread& thread : threads) thread.join();
}
