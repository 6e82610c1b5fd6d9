// Two atomics that belong together are updated one after the other.
#include <atomic>
#include <cassert>
#include <mutex>
#include <thread>

std::atomic<int> stored{0}, taken{0};
std::mutex mutex;

void use() {
  const std::lock_guard<std::mutex> lock(mutex);
  stored = stored + 1;
  taken = taken + 1;
}

int main() {
  std::thread a(use);
  {
#ifdef FIXED
    const std::lock_guard<std::mutex> lock(mutex);
#endif
    assert(stored == taken);
  }
  a.join();
}
