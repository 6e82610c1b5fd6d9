// One condition variable for two roles, and notify_one: the wrong one wakes.
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

std::mutex mutex;
std::condition_variable changed;
int items = 0;
constexpr int kCapacity = 1;

void wake() {
#ifdef FIXED
  changed.notify_all();
#else
  changed.notify_one();
#endif
}

void produce() {
  std::unique_lock<std::mutex> lock(mutex);
  changed.wait(lock, [] { return items < kCapacity; });
  ++items;
  wake();
}

void consume() {
  std::unique_lock<std::mutex> lock(mutex);
  changed.wait(lock, [] { return items > 0; });
  --items;
  wake();
}

int main() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back(consume);
    threads.emplace_back(produce);
  }
  for (std::thread& thread : threads) thread.join();
}
