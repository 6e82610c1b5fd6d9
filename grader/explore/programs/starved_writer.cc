// Readers come and go, one is always there: the writer, which they wait for in turn, never gets in.
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

class ReadWriteLock {
 public:
  void lock_shared() {
    std::unique_lock<std::mutex> lock(mutex_);
#ifdef FIXED
    changed_.wait(lock, [this] { return !is_writing_ && writers_ == 0; });
#else
    changed_.wait(lock, [this] { return !is_writing_; });
#endif
    ++readers_;
  }
  void unlock_shared() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (--readers_ == 0) changed_.notify_all();
  }
  void lock() {
    std::unique_lock<std::mutex> lock(mutex_);
    ++writers_;
    changed_.wait(lock, [this] { return !is_writing_ && readers_ == 0; });
    --writers_;
    is_writing_ = true;
  }
  void unlock() {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_writing_ = false;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int readers_ = 0;
  int writers_ = 0;
  bool is_writing_ = false;
};

ReadWriteLock g_lock;
bool g_is_written = false;

void read_until_written() {
  for (bool is_written = false; !is_written;) {
    g_lock.lock_shared();
    is_written = g_is_written;
    g_lock.unlock_shared();
  }
}

int main() {
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back(read_until_written);
  g_lock.lock();
  g_is_written = true;
  g_lock.unlock();
  for (std::thread& thread : threads) thread.join();
}
