// Two threads each set a flag if nobody has: the one that is waited for may come too late.
#include <atomic>
#include <thread>

std::atomic<int> turn{0};

void first() {
  int nobody = 0;
  turn.compare_exchange_strong(nobody, 1);
}
void second() {
#ifdef FIXED
  turn = 2;
#else
  int nobody = 0;
  turn.compare_exchange_strong(nobody, 2);
#endif
}

int main() {
  std::thread a(first), b(second);
  while (turn != 2) std::this_thread::yield();
  a.join();
  b.join();
}
