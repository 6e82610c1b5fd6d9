// Each takes its own lock, fails to get the other's, gives its own back and tries again: in step.
#include <mutex>
#include <thread>

std::mutex a, b;
int both = 0;

void take(std::mutex& first, std::mutex& second) {
#ifdef FIXED
  const std::scoped_lock lock(first, second);
  ++both;
#else
  while (true) {
    first.lock();
    if (second.try_lock()) break;
    first.unlock();
  }
  ++both;
  second.unlock();
  first.unlock();
#endif
}

int main() {
  std::thread one([] { take(a, b); });
  std::thread two([] { take(b, a); });
  one.join();
  two.join();
  return both == 2 ? 0 : 1;
}
