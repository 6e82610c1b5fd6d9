// A callback that locks again what its caller holds.
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

std::mutex mutex;
std::vector<std::function<void()>> listeners;
int seen = 0;

void listen(std::function<void()> listener) {
  const std::lock_guard<std::mutex> lock(mutex);
  listeners.push_back(std::move(listener));
}

void fire() {
  std::unique_lock<std::mutex> lock(mutex);
  const std::vector<std::function<void()>> all = listeners;
#ifdef FIXED
  lock.unlock();
#endif
  for (const auto& each : all) each();
}

int main() {
  std::thread a([] { listen([] { listen([] { ++seen; }); }); }), b(fire);
  a.join();
  b.join();
}
