// Workers take the index of the next job without a lock.
#include <cassert>
#include <mutex>
#include <thread>
#include <vector>

constexpr int kJobs = 4;
int next_job = 0;
int done[kJobs] = {};
std::mutex mutex;

int take() {
#ifdef FIXED
  const std::lock_guard<std::mutex> lock(mutex);
#endif
  return next_job < kJobs ? next_job++ : -1;
}

void work() {
  for (int job = take(); job >= 0; job = take()) {
    const std::lock_guard<std::mutex> lock(mutex);
    ++done[job];
  }
}

int main() {
  std::thread a(work), b(work);
  a.join();
  b.join();
  for (const int each : done) assert(each == 1);
}
