// The flag is set before the data is there.
#include <atomic>
#include <cassert>
#include <thread>

std::atomic<bool> ready{false};
std::atomic<int> data{0};

void produce() {
#ifdef FIXED
  data = 42;
  ready = true;
#else
  ready = true;
  data = 42;
#endif
}

void consume() {
  if (ready) assert(data == 42);
}

int main() {
  std::thread a(produce), b(consume);
  a.join();
  b.join();
}
