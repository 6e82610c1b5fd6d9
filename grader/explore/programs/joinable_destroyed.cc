// A thread object goes away unjoined when the work came to its end too soon.
#include <atomic>
#include <thread>

std::atomic<bool> is_done{false};

int main() {
  std::thread a([] { is_done = true; });
#ifdef FIXED
  a.join();
#else
  if (!is_done) a.join();
#endif
}
