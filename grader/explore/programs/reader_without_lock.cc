// Writers lock, the reader does not: it sees one half of a pair that belongs together.
#include <cassert>
#include <mutex>
#include <thread>

std::mutex mutex;
int left = 50, right = 50;

void move_some() {
  const std::lock_guard<std::mutex> lock(mutex);
  left -= 10;
  right += 10;
}

int sum() {
#ifdef FIXED
  const std::lock_guard<std::mutex> lock(mutex);
#endif
  return left + right;
}

int main() {
  int seen = 0;
  std::thread writer(move_some), reader([&] { seen = sum(); });
  writer.join();
  reader.join();
  assert(seen == 100);
}
