#include "grader/bench/hand_over.h"

#include <sched.h>
#include <semaphore.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <system_error>
#include <thread>
#include <utility>

#include "grader/harness/deadline.h"

namespace kit::bench {
namespace {

constexpr int kTurns = 2000;
constexpr int kRounds = 5;

cpu_set_t set_of(int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  return set;
}

// For the calling thread. Elsewhere it would be no measurement, but no harm either.
void stay_on(int processor) {
  const cpu_set_t set = set_of(processor);
  static_cast<void>(sched_setaffinity(0, sizeof set, &set));
}

// POSIX's, which sleeps at once; std::binary_semaphore would look for a while first.
class Turn {
 public:
  Turn() { sem_init(&semaphore_, 0, 0); }
  ~Turn() { sem_destroy(&semaphore_); }

  void give() { sem_post(&semaphore_); }
  void take() {
    while (sem_wait(&semaphore_) != 0 && errno == EINTR) continue;
  }

 private:
  sem_t semaphore_;
};

double round_us(int one, int other) {
  Turn ping;
  Turn pong;
  std::thread partner([&] {
    stay_on(other);
    for (int i = 0; i < kTurns; ++i) {
      ping.take();
      pong.give();
    }
  });
  std::int64_t ns = 0;
  std::thread self([&] {
    stay_on(one);
    const std::int64_t start_ns = monotonic_ns();
    for (int i = 0; i < kTurns; ++i) {
      ping.give();
      pong.take();
    }
    ns = monotonic_ns() - start_ns;
  });
  self.join();
  partner.join();
  return static_cast<double>(ns) / 1e3 / (2 * kTurns);
}

}  // namespace

std::vector<int> processors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) {
    throw std::system_error(errno, std::generic_category(), "sched_getaffinity");
  }
  std::vector<int> numbers;
  for (int number = 0; number < CPU_SETSIZE; ++number) {
    if (CPU_ISSET(number, &set)) numbers.push_back(number);
  }
  return numbers;
}

std::vector<std::string> on_processor(int processor, std::vector<std::string> argv) {
  argv.insert(argv.begin(), {"/usr/bin/taskset", "-c", std::to_string(processor)});
  return argv;
}

// The quickest round: what else runs on the machine only makes it longer.
double hand_over_us(int one, int other) {
  double quickest = round_us(one, other);
  for (int i = 1; i < kRounds; ++i) quickest = std::min(quickest, round_us(one, other));
  return quickest;
}

void show_hand_overs() {
  const std::vector<int> numbers = processors();
  const int first = numbers.front();
  const int last = numbers.back();
  std::printf("to wake a thread and sleep: %.1f microseconds on one processor",
              hand_over_us(first, first));
  if (last != first) std::printf(", %.1f from one to another", hand_over_us(first, last));
  std::printf("\n");
}

}  // namespace kit::bench
