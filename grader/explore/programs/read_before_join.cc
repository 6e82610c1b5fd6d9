// The result is read before the thread was joined.
#include <atomic>
#include <cassert>
#include <thread>

int main() {
  std::atomic<int> result{0};
  std::thread a([&] { result = 7; });
#ifdef FIXED
  a.join();
  assert(result == 7);
#else
  const int seen = result;
  a.join();
  assert(seen == 7);
#endif
}
