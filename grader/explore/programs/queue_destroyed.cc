// The queue is deleted while a worker is still in it.
#include <condition_variable>
#include <mutex>
#include <thread>

struct Queue {
  std::mutex mutex;
  std::condition_variable changed;
  bool is_closed = false;
  void wait() {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [this] { return is_closed; });
  }
  void close() {
    const std::lock_guard<std::mutex> lock(mutex);
    is_closed = true;
    changed.notify_all();
  }
};

int main() {
  auto* queue = new Queue;
  std::thread a([queue] { queue->wait(); });
  queue->close();
#ifdef FIXED
  a.join();
  delete queue;
#else
  delete queue;
  a.join();
#endif
}
