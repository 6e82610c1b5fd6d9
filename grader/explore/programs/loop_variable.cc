// The address of the loop's variable for each thread.
#include <atomic>
#include <cassert>
#include <thread>
#include <vector>

int main() {
  std::atomic<int> seen[3] = {};
  std::vector<std::thread> threads;
  for (std::atomic<int> i = 0; i < 3; ++i) {
#ifdef FIXED
    threads.emplace_back([&seen, n = i.load()] { ++seen[n]; });
#else
    threads.emplace_back([&seen, &i] {
      if (i < 3) ++seen[i];
    });
#endif
  }
  for (std::thread& thread : threads) thread.join();
  for (std::atomic<int>& each : seen) assert(each == 1);
}
