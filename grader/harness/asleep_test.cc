#include "grader/harness/asleep.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <thread>

#include "grader/harness/deadline.h"
#include "grader/harness/poll.h"

namespace kit {
namespace {

bool become_asleep() {
  return poll_until(Deadline::after_ms(30'000), [] { return are_asleep(::getpid(), ::gettid()); });
}

TEST(Asleep, ThreadsThatWaitAre) {
  std::promise<void> end;
  std::thread first([future = end.get_future().share()] { future.wait(); });
  std::thread second([&first] { first.join(); });
  EXPECT_TRUE(become_asleep());
  end.set_value();
  second.join();
}

TEST(Asleep, OneThatWorksIsNot) {
  std::atomic<bool> is_over{false};
  std::atomic<pid_t> tid{0};
  std::thread works([&] {
    tid = ::gettid();
    while (!is_over) {
    }
  });
  while (tid == 0) std::this_thread::yield();
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(are_asleep(::getpid(), ::gettid()));
    EXPECT_FALSE(is_asleep(tid));
  }
  is_over = true;
  works.join();
}

// However quickly two threads wake each other, one of them is awake or has just been.
TEST(Asleep, ThreadsThatWakeEachOtherAreNot) {
  int there[2], back[2];
  ASSERT_EQ(::pipe(there), 0);
  ASSERT_EQ(::pipe(back), 0);
  const auto pass_on = [](int from, int to) {
    char byte;
    while (::read(from, &byte, 1) == 1 && byte != 'x' && ::write(to, &byte, 1) == 1) {
    }
  };
  std::thread first(pass_on, there[0], back[1]);
  std::thread second(pass_on, back[0], there[1]);
  ASSERT_TRUE(become_asleep());
  ASSERT_EQ(::write(there[1], "a", 1), 1);
  for (int i = 0; i < 300; ++i) EXPECT_FALSE(are_asleep(::getpid(), ::gettid()));
  ASSERT_EQ(::write(there[1], "x", 1), 1);
  ASSERT_EQ(::write(back[1], "x", 1), 1);
  first.join();
  second.join();
  for (int fd : {there[0], there[1], back[0], back[1]}) ::close(fd);
}

TEST(Asleep, WhatHasEndedIs) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(0);
  ASSERT_EQ(::waitpid(pid, nullptr, 0), pid);
  EXPECT_TRUE(are_asleep(pid));
}

}  // namespace
}  // namespace kit
