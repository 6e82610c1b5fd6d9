// A queue whose owner takes from one end while a thief takes from the other: both get the last one.
#include <atomic>
#include <cassert>
#include <thread>

constexpr int kItems = 3;
std::atomic<int> taken[kItems];
std::atomic<int> head{0}, tail{0};

void take(int item) { taken[item].fetch_add(1); }

void pop() {
  const int last = --tail;
  int first = head;
  if (first < last) return take(last);
  bool is_mine = first == last;
#ifdef FIXED
  is_mine = is_mine && head.compare_exchange_strong(first, first + 1);
#else
  if (is_mine) head = first + 1;
#endif
  tail = last + 1;
  if (is_mine) take(last);
}

void steal() {
  int first = head;
  if (first < tail && head.compare_exchange_strong(first, first + 1)) take(first);
}

int main() {
  tail = kItems;
  std::thread thief([] {
    steal();
    steal();
  });
  for (int i = 0; i < kItems; ++i) pop();
  thief.join();
  for (const std::atomic<int>& times : taken) assert(times <= 1);
}
