#include "grader/bench/crew.h"

#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <system_error>

namespace kit::bench {
namespace {

constexpr int kMaxClients = 256;
constexpr std::size_t kMaxSamples = 4096;  // of each client, spread over a round

std::int64_t now_ns() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000L + now.tv_nsec;
}

void wait_for(sem_t& semaphore) {
  while (sem_wait(&semaphore) != 0 && errno == EINTR) continue;
}

bool wait_for(sem_t& semaphore, std::int64_t patience_ms) {
  timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_sec += patience_ms / 1'000;
  int failed = 0;
  while ((failed = sem_clockwait(&semaphore, CLOCK_MONOTONIC, &until)) != 0 && errno == EINTR) {
  }
  return failed == 0;
}

}  // namespace

struct Crew::Member {
  sem_t start;
  std::uint64_t exchanges = 0;
  std::uint64_t samples = 0;  // may be more than there is room for: the newest are kept
  std::uint32_t latency_ns[kMaxSamples];
};

struct Crew::Shared {
  std::atomic<bool> is_round_over;
  std::atomic<bool> is_end;
  std::atomic<int> broken;
  sem_t done;  // posted by each client when it is set up, and at the end of each round
  Member members[kMaxClients];

  void work(Member& member, const Exchange& exchange) {
    member.exchanges = member.samples = 0;
    std::int64_t begun = now_ns();
    while (!is_round_over.load(std::memory_order_relaxed)) {
      if (!exchange()) {
        ++broken;
        return;
      }
      const std::int64_t now = now_ns();
      member.latency_ns[member.samples++ % kMaxSamples] = static_cast<std::uint32_t>(now - begun);
      begun = now;
      ++member.exchanges;
    }
  }
};

Crew::Crew(int clients, const std::function<Exchange(int)>& set_up, int stop_fd)
    : stop_fd_(stop_fd) {
  if (clients > kMaxClients) throw std::runtime_error("at most 256 clients");
  void* memory =
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
  shared_ = static_cast<Shared*>(memory);  // zeroed
  sem_init(&shared_->done, 1, 0);
  for (int i = 0; i < clients; ++i) sem_init(&shared_->members[i].start, 1, 0);
  std::fflush(stdout);
  for (int i = 0; i < clients; ++i) {
    const pid_t process = fork();
    if (process < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (process == 0) be_client(i, set_up);
    processes_.push_back(process);
  }
  wait_for_all();
}

void Crew::be_client(int client, const std::function<Exchange(int)>& set_up) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  try {
    const Exchange exchange = set_up(client);
    Member& member = shared_->members[client];
    for (;;) {
      sem_post(&shared_->done);
      wait_for(member.start);
      if (shared_->is_end) break;
      shared_->work(member, exchange);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench: client %d: %s\n", client, error.what());
    ++shared_->broken;
    sem_post(&shared_->done);
  }
  _exit(0);
}

Crew::~Crew() {
  shared_->is_end = true;
  for (std::size_t i = 0; i < processes_.size(); ++i) sem_post(&shared_->members[i].start);
  const std::int64_t patience_ends = now_ns() + kPatienceMs * 1'000'000L;
  for (const pid_t process : processes_) {
    while (waitpid(process, nullptr, WNOHANG) == 0) {
      if (now_ns() > patience_ends) kill(process, SIGKILL);
      poll(nullptr, 0, 1);  // the kernel tells of no end with a deadline
    }
  }
  munmap(shared_, sizeof(Shared));
}

void Crew::wait_for_all() {
  for (std::size_t i = 0; i < processes_.size(); ++i) {
    if (!wait_for(shared_->done, kPatienceMs)) throw Stalled("a client does not come to an end");
  }
  if (shared_->broken > 0) throw std::runtime_error("a client's exchange failed");
}

Figures Crew::run(std::int64_t duration_ms) {
  shared_->is_round_over = false;
  const std::int64_t begun = now_ns();
  for (std::size_t i = 0; i < processes_.size(); ++i) sem_post(&shared_->members[i].start);
  pollfd stop = {stop_fd_, POLLIN, 0};
  const bool is_stopped = poll(&stop, 1, static_cast<int>(duration_ms)) > 0;
  shared_->is_round_over = true;
  wait_for_all();
  if (is_stopped) throw Interrupted();
  const double seconds = static_cast<double>(now_ns() - begun) / 1e9;
  double exchanges = 0;
  std::vector<std::uint32_t> latencies;
  for (std::size_t i = 0; i < processes_.size(); ++i) {
    const Member& member = shared_->members[i];
    exchanges += static_cast<double>(member.exchanges);
    const std::size_t kept = std::min<std::size_t>(member.samples, kMaxSamples);
    latencies.insert(latencies.end(), member.latency_ns, member.latency_ns + kept);
  }
  if (latencies.empty()) return {};
  const auto p99 = latencies.begin() + static_cast<std::ptrdiff_t>(latencies.size() * 99 / 100);
  std::nth_element(latencies.begin(), p99, latencies.end());
  return {exchanges / seconds, *p99 / 1e3};
}

}  // namespace kit::bench
