// Whether the instrumentation of a mode is really there: this program, compiled and run just as the
// subject's are, makes the very mistake that the mode is there to find, and the driver demands that
// it is reported. Without it, a build that lost its sanitizer would pass everything.
//
// Usage: self_test MODE. Exit status 0 when nobody stopped it.
#include <cstdlib>
#include <string_view>
#include <thread>

namespace {

// volatile: the compiler may not leave out what looks useless.
void write_past_the_end() {
  auto* block = static_cast<volatile char*>(std::malloc(1));
  block[1] = 1;
  std::free(const_cast<char*>(block));
}

void write_from_two_threads() {
  volatile int shared = 0;
  std::thread other([&shared] { shared = shared + 1; });
  shared = shared + 1;
  other.join();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc == 2 ? argv[1] : "";
  if (mode == "asan" || mode == "memcheck") write_past_the_end();
  if (mode == "tsan" || mode == "explore") write_from_two_threads();
}
