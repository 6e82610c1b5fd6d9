// A detached thread with a reference to memory that is gone.
#include <atomic>
#include <memory>
#include <thread>

int main() {
  std::atomic<bool> done{false};
#ifdef FIXED
  auto value = std::make_shared<int>(1);
  std::thread([value, &done] {
    ++*value;
    done = true;
  }).detach();
  while (!done) std::this_thread::yield();
#else
  auto value = std::make_unique<int>(1);
  std::thread([&value = *value, &done] {
    ++value;
    done = true;
  }).detach();
  value.reset();
  while (!done) std::this_thread::yield();
#endif
}
