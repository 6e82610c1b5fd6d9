// The thread is started by the constructor before the member is set that it reads.
#include <atomic>
#include <cassert>
#include <thread>

struct Worker {
#ifdef FIXED
  std::atomic<int> limit{10};
  std::thread thread{[this] { assert(limit == 10); }};
#else
  std::thread thread{[this] { assert(limit == 10); }};
  std::atomic<int> limit{10};
#endif
  ~Worker() { thread.join(); }
};

Worker worker;

int main() {}
