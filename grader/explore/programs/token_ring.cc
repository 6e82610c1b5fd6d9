// Four threads, each of which goes on when the one before it has: the last one may be first.
#include <atomic>
#include <cassert>
#include <thread>

std::atomic<int> stage[4] = {};

void run(int place) {
#ifdef FIXED
  while (place > 0 && stage[place - 1] == 0) std::this_thread::yield();
#endif
  stage[place] = place == 0 ? 1 : stage[place - 1] + 1;
}

int main() {
  std::thread a(run, 0), b(run, 1), c(run, 2), d(run, 3);
  a.join();
  b.join();
  c.join();
  d.join();
  assert(stage[3] == 4);
}
