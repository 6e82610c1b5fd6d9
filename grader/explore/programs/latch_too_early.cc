// The latch is counted down before the work is done.
#include <atomic>
#include <cassert>
#include <latch>
#include <thread>

std::latch ready(2);
std::atomic<int> filled{0};

int main() {
  std::thread a([] {
#ifdef FIXED
    ++filled;
    ready.count_down();
#else
    ready.count_down();
    ++filled;
#endif
  });
  std::thread b([] {
    ++filled;
    ready.count_down();
  });
  ready.wait();
  assert(filled == 2);
  a.join();
  b.join();
}
