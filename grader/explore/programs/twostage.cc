// Two values under two locks, the second derived from the first: a reader between the stages.
#include <cassert>
#include <mutex>
#include <thread>
#include <vector>

std::mutex first, second;
int one = 0, two = 0;

void write_both() {
#ifdef FIXED
  const std::scoped_lock lock(first, second);
  one = 1;
  two = one + 1;
#else
  {
    const std::lock_guard<std::mutex> lock(first);
    one = 1;
  }
  const std::lock_guard<std::mutex> lock(second);
  two = one + 1;
#endif
}

void read_both() {
#ifdef FIXED
  const std::scoped_lock lock(first, second);
  if (one == 0) return;
  assert(two == one + 1);
#else
  int seen = 0;
  {
    const std::lock_guard<std::mutex> lock(first);
    if (one == 0) return;
    seen = one;
  }
  const std::lock_guard<std::mutex> lock(second);
  assert(two == seen + 1);
#endif
}

int main() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back(write_both);
  threads.emplace_back(read_both);
  for (std::thread& thread : threads) thread.join();
}
