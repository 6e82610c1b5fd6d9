// join() while holding what the thread needs.
#include <mutex>
#include <thread>

std::mutex mutex;
int value = 0;

int main() {
  std::thread a([] {
    const std::lock_guard<std::mutex> lock(mutex);
    ++value;
  });
#ifdef FIXED
  a.join();
#endif
  const std::lock_guard<std::mutex> lock(mutex);
#ifndef FIXED
  a.join();
#endif
  ++value;
}
