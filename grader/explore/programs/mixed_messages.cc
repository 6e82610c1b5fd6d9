// Header and body of two threads' messages on one pipe, in any order.
#include <unistd.h>

#include <cassert>
#include <mutex>
#include <thread>

std::mutex mutex;
int ends[2];

void say(char letter) {
#ifdef FIXED
  const std::lock_guard<std::mutex> lock(mutex);
#endif
  assert(write(ends[1], &letter, 1) == 1);
  assert(write(ends[1], &letter, 1) == 1);
}

int main() {
  assert(pipe(ends) == 0);
  std::thread a(say, 'a'), b(say, 'b');
  a.join();
  b.join();
  char text[4];
  for (char& each : text) assert(read(ends[0], &each, 1) == 1);
  assert(text[0] == text[1] && text[2] == text[3]);
}
