// Programs that stand still in one way or another, for waits_test. Usage: hang_program HOW.
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>

namespace {

std::mutex first;
std::mutex second;
pthread_barrier_t both;
std::atomic<bool> is_done = false;

void tell_ready() {
  std::puts("ready");
  std::fflush(stdout);
}

void take(std::mutex& one, std::mutex& other) {
  std::lock_guard lock_one(one);
  pthread_barrier_wait(&both);
  std::lock_guard lock_other(other);
}

void wait_in_a_circle() {
  pthread_barrier_init(&both, nullptr, 2);
  std::thread thread([] { take(second, first); });
  tell_ready();
  take(first, second);
  thread.join();
}

void wait_for_itself() {
  first.lock();
  tell_ready();
  first.lock();
}

// The thread that is waited for wants what the waiting one holds.
void join_with_the_lock_held() {
  std::lock_guard lock(first);
  std::thread thread([] { std::lock_guard lock(first); });
  tell_ready();
  thread.join();
}

void wait_without_a_circle() {
  std::unique_lock lock(first);
  std::condition_variable never;
  std::thread thread([] { std::lock_guard lock(second); });
  tell_ready();
  never.wait(lock, [] { return false; });
}

// The holder is at work: slow, and no deadlock.
void wait_for_one_at_work() {
  second.lock();
  std::thread thread([] {
    std::lock_guard lock(first);
    tell_ready();
    while (!is_done) {
    }
  });
  pause();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string how = argc == 2 ? argv[1] : "";
  if (how == "circle") wait_in_a_circle();
  if (how == "itself") wait_for_itself();
  if (how == "join") join_with_the_lock_held();
  if (how == "condition") wait_without_a_circle();
  if (how == "work") wait_for_one_at_work();
}
