// empty() in one locked section, pop() in the next.
#include <cassert>
#include <mutex>
#include <queue>
#include <thread>

std::mutex mutex;
std::queue<int> jobs;
int done = 0;

bool has_job() {
  const std::lock_guard<std::mutex> lock(mutex);
  return !jobs.empty();
}

void take() {
  const std::lock_guard<std::mutex> lock(mutex);
#ifdef FIXED
  if (jobs.empty()) return;
#endif
  assert(!jobs.empty());
  jobs.pop();
  ++done;
}

void work() {
  while (has_job()) take();
}

int main() {
  for (int i = 0; i < 2; ++i) jobs.push(i);
  std::thread a(work), b(work);
  a.join();
  b.join();
  assert(done == 2);
}
