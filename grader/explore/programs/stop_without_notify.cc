// stop = true, and nobody is told.
#include <condition_variable>
#include <mutex>
#include <thread>

std::mutex mutex;
std::condition_variable changed;
bool stop = false;

int main() {
  std::thread worker([] {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [] { return stop; });
  });
  {
    const std::lock_guard<std::mutex> lock(mutex);
    stop = true;
  }
#ifdef FIXED
  changed.notify_all();
#endif
  worker.join();
}
