// FairTurn: a mutex that threads get in order of arrival.
//
// A std::mutex may be had by whoever comes by when it is free, and a thread that is asleep is never
// the one. Here everybody draws a number, as at a counter, and the numbers are called one after the
// other (a ticket lock). It is a BasicLockable, so std::lock_guard holds it.
//
// Thread-safety: for any number of threads of one process. Errors: none.
#ifndef PROXY_CACHE_FAIR_TURN_H_
#define PROXY_CACHE_FAIR_TURN_H_

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace proxy_cache {

class FairTurn {
 public:
  void lock() {
    std::unique_lock lock(mutex_);
    std::uint64_t mine = next_number_++;
    called_.wait(lock, [this, mine] { return number_ == mine; });
  }

  void unlock() {
    {
      std::lock_guard lock(mutex_);
      ++number_;
    }
    called_.notify_all();  // only one of them has this number, but we do not know which
  }

 private:
  std::mutex mutex_;
  std::condition_variable called_;
  std::uint64_t next_number_ = 0;  // guarded by mutex_, as is the next
  std::uint64_t number_ = 0;       // whose turn it is
};

}  // namespace proxy_cache

#endif  // PROXY_CACHE_FAIR_TURN_H_
