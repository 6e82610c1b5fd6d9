// A singleton that is looked at without the lock.
#include <cassert>
#include <mutex>
#include <thread>

struct Config {
  int size = 3;
};

std::mutex mutex;
Config* instance = nullptr;

Config& config() {
#ifdef FIXED
  const std::lock_guard<std::mutex> lock(mutex);
  if (instance == nullptr) instance = new Config;
#else
  if (instance == nullptr) {
    const std::lock_guard<std::mutex> lock(mutex);
    if (instance == nullptr) instance = new Config;
  }
#endif
  return *instance;
}

int main() {
  std::thread a([] { assert(config().size == 3); }), b([] { assert(config().size == 3); });
  a.join();
  b.join();
  delete instance;
}
