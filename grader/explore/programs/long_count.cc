// Long, and going somewhere all the time: that alone is no livelock.
#include <cassert>
#include <mutex>
#include <thread>

constexpr int kTimes = 4000;
std::mutex mutex;
int count = 0;

void add() {
  for (int i = 0; i < kTimes; ++i) {
#ifndef FIXED
    if (i % 500 == 0) {
      mutex.lock();
      const int before = count;
      mutex.unlock();
      mutex.lock();
      count = before + 1;
      mutex.unlock();
      continue;
    }
#endif
    const std::lock_guard<std::mutex> lock(mutex);
    ++count;
  }
}

int main() {
  std::thread one(add);
  std::thread two(add);
  one.join();
  two.join();
  assert(count == 2 * kTimes);
}
