// One of fifty threads looks between the two halves of what each of the others does.
#include <cassert>
#include <mutex>
#include <thread>
#include <vector>

std::mutex first_mutex, second_mutex;
int first = 0, second = 0;

void set() {
#ifdef FIXED
  const std::scoped_lock both(first_mutex, second_mutex);
  first = 1;
  second = 2;
#else
  {
    const std::lock_guard<std::mutex> lock(first_mutex);
    first = 1;
  }
  const std::lock_guard<std::mutex> lock(second_mutex);
  second = 2;
#endif
}

void check() {
  int seen = 0;
  {
    const std::lock_guard<std::mutex> lock(first_mutex);
    seen = first;
  }
  const std::lock_guard<std::mutex> lock(second_mutex);
  assert(seen == 0 || second == 2);
}

int main() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 49; ++i) threads.emplace_back(set);
  threads.emplace_back(check);
  for (std::thread& thread : threads) thread.join();
}
