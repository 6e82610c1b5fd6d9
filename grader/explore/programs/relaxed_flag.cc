// The data is published by a flag that orders nothing.
#include <atomic>
#include <cassert>
#include <thread>

std::atomic<bool> ready{false};
int data = 0;

#ifdef FIXED
constexpr auto kStore = std::memory_order_release;
constexpr auto kLoad = std::memory_order_acquire;
#else
constexpr auto kStore = std::memory_order_relaxed;
constexpr auto kLoad = std::memory_order_relaxed;
#endif

int main() {
  std::thread a([] {
    data = 42;
    ready.store(true, kStore);
  });
  std::thread b([] {
    while (!ready.load(kLoad)) std::this_thread::yield();
    assert(data == 42);
  });
  a.join();
  b.join();
}
