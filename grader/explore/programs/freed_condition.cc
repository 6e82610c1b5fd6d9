// Whoever is told that the work is done frees it, while the one that says so is about to signal.
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

struct Work {
  std::mutex mutex;
  std::condition_variable done;
  bool is_done = false;
};

int main() {
#ifdef FIXED
  auto work = std::make_shared<Work>();
  std::thread([work] {
#else
  auto owned = std::make_unique<Work>();
  Work* work = owned.get();
  std::thread([work] {
#endif
    {
      const std::lock_guard<std::mutex> lock(work->mutex);
      work->is_done = true;
    }
    work->done.notify_one();
  }).detach();
  std::unique_lock<std::mutex> lock(work->mutex);
  work->done.wait(lock, [&] { return work->is_done; });
}
