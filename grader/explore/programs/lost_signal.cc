// The flag is looked at in one locked section, the wait is in the next: the signal comes between.
#include <condition_variable>
#include <mutex>
#include <thread>

std::mutex mutex;
std::condition_variable changed;
bool ready = false;

void wait_for_it() {
#ifdef FIXED
  std::unique_lock<std::mutex> lock(mutex);
  changed.wait(lock, [] { return ready; });
#else
  bool is_ready = false;
  {
    const std::lock_guard<std::mutex> lock(mutex);
    is_ready = ready;
  }
  if (is_ready) return;
  std::unique_lock<std::mutex> lock(mutex);
  changed.wait(lock);
#endif
}

void signal_it() {
  {
    const std::lock_guard<std::mutex> lock(mutex);
    ready = true;
  }
  changed.notify_one();
}

int main() {
  std::thread a(wait_for_it), b(signal_it);
  a.join();
  b.join();
}
