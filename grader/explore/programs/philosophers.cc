// Dining philosophers: each takes the left fork first.
#include <mutex>
#include <thread>
#include <vector>

constexpr int kSeats = 4;
std::mutex forks[kSeats];

void dine(int seat) {
  int first = seat;
  int second = (seat + 1) % kSeats;
#ifdef FIXED
  if (first > second) std::swap(first, second);
#endif
  const std::lock_guard<std::mutex> left(forks[first]);
  const std::lock_guard<std::mutex> right(forks[second]);
}

int main() {
  std::vector<std::thread> threads;
  for (int i = 0; i < kSeats; ++i) threads.emplace_back(dine, i);
  for (std::thread& thread : threads) thread.join();
}
