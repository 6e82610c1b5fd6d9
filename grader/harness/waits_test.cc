#include "grader/harness/waits.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "grader/harness/process.h"

namespace kit {
namespace {

const OwnCode kOwn = {{"grader/harness/testing"}};

// Whether all threads of the process are asleep.
bool is_asleep(pid_t pid, std::size_t threads) { return read_waits(pid).size() == threads; }

class Hanging {
 public:
  Hanging(const std::string& how, std::size_t waiting_threads) : process_(launch(how)) {
    const Deadline deadline = Deadline::after_ms(20'000);
    is_ready_ = process_.wait_for_out("ready", deadline);
    while (!is_asleep(process_.pid(), waiting_threads) && !deadline.expired()) sched_yield();
  }

  Stacks stacks() { return read_stacks(process_.pid(), kOwn); }
  // A thread that has been woken and did not get a processor yet looks as if it waited still, so
  // what comes of it is looked for again and again.
  Deadlock deadlock_soon() {
    const Deadline deadline = Deadline::after_ms(20'000);
    Deadlock found = deadlock();
    while (found.circle.empty() && !deadline.expired()) found = deadlock();
    return found;
  }
  Deadlock deadlock() {
    EXPECT_TRUE(is_ready_);
    const Waits before = read_waits(process_.pid());
    const Stacks threads = stacks();
    return find_deadlock(threads, before, read_waits(process_.pid()));
  }

 private:
  static Launch launch(const std::string& how) {
    Launch launch;
    launch.name = "hang_program";
    launch.argv = {std::filesystem::absolute("grader/harness/hang_program"), how};
    return launch;
  }

  Process process_;
  bool is_ready_ = false;
};

TEST(Deadlock, TwoThreadsWithTwoLocks) {
  const Deadlock deadlock = Hanging("circle", 2).deadlock_soon();
  EXPECT_NE(deadlock.circle.find("thread 1 waits in"), std::string::npos) << deadlock.circle;
  EXPECT_NE(deadlock.circle.find("for a mutex that thread 2 holds"), std::string::npos)
      << deadlock.circle;
  EXPECT_NE(deadlock.circle.find("for a mutex that thread 1 holds"), std::string::npos)
      << deadlock.circle;
  EXPECT_NE(deadlock.place.find("grader/harness/testing/hang_program.cc:"), std::string::npos)
      << deadlock.place;
}

TEST(Deadlock, ThreadThatTakesItsOwnLockAgain) {
  const Deadlock deadlock = Hanging("itself", 1).deadlock_soon();
  EXPECT_NE(deadlock.circle.find("for a mutex that it holds already"), std::string::npos)
      << deadlock.circle;
}

TEST(Deadlock, JoinWithTheLockHeld) {
  const Deadlock deadlock = Hanging("join", 2).deadlock_soon();
  EXPECT_NE(deadlock.circle.find("for the end of thread 2"), std::string::npos) << deadlock.circle;
  EXPECT_NE(deadlock.circle.find("for a mutex that thread 1 holds"), std::string::npos)
      << deadlock.circle;
}

TEST(Deadlock, WaitForAConditionIsNone) {
  EXPECT_EQ(Hanging("condition", 1).deadlock().circle, "");
}

TEST(Deadlock, SlowHolderIsNone) { EXPECT_EQ(Hanging("work", 0).deadlock().circle, ""); }

TEST(Deadlock, EdgeThatDidNotStayIsNone) {
  Stacks stacks;
  stacks.threads = {{1, "pthread_mutex_lock", false, false, {}},
                    {2, "pthread_mutex_lock", false, false, {}}};
  const Waits circle = {{1, {0x10, 2, 0}}, {2, {0x20, 1, 0}}};
  const Waits moved_on = {{1, {0x10, 2, 0}}, {2, {0x30, 1, 0}}};
  EXPECT_NE(find_deadlock(stacks, circle, circle).circle, "");
  EXPECT_EQ(find_deadlock(stacks, circle, moved_on).circle, "");
  EXPECT_EQ(find_deadlock(stacks, {}, circle).circle, "");
}

TEST(Stacks, SayWhoWaitsAndWhoWorks) {
  Hanging hanging("work", 0);
  std::string text = render(hanging.stacks());
  const Deadline deadline = Deadline::after_ms(20'000);
  while (text.find("pause") == std::string::npos && !deadline.expired())
    text = render(hanging.stacks());
  EXPECT_NE(text.find("thread 1 waits in pause"), std::string::npos) << text;
  EXPECT_NE(text.find("thread 2 is at work"), std::string::npos) << text;
}

TEST(Stacks, OfAProcessThatIsGone) {
  const Stacks stacks = read_stacks(999'999'999, kOwn);
  EXPECT_TRUE(stacks.threads.empty());
  EXPECT_NE(render(stacks).find("could not be taken"), std::string::npos);
}

TEST(InnermostPlace, IsTheFirstThatIsTheSubjects) {
  EXPECT_EQ(innermost_place(
                "thread 1 waits in x\nthread 2 waits in y\n    f  a/b.cc:3\n    g  a/b.cc:9\n"),
            "a/b.cc:3");
  EXPECT_EQ(innermost_place("thread 1 waits in x\n"), "");
  // What a check says about its calls may stand before the stacks.
  EXPECT_EQ(innermost_place("  take    takes\n          another one\n    f  a/b.cc:3\n"),
            "a/b.cc:3");
}

TEST(InnermostPlace, OfAnEndlessRecursionIsTheCallThatRepeats) {
  const std::string frames = "thread 1 died here:\n    f  a/b.cc:3\n    f  a/b.cc:8\n";
  const std::string next = "thread 2 waits in y\n    g  a/b.cc:20\n    ... and 250 times more\n";
  EXPECT_EQ(innermost_place(frames + "    ... and 250 times more\n" + next), "a/b.cc:8");
  EXPECT_EQ(innermost_place(frames + "    ... and 3 times more\n" + next), "a/b.cc:3");
  EXPECT_EQ(innermost_place(frames + next), "a/b.cc:3");
}

TEST(DefinitionOf, FunctionOfAProgram) {
  const std::string program = std::filesystem::absolute("grader/harness/hang_program");
  EXPECT_NE(definition_of(program, "main").find("hang_program.cc:"), std::string::npos);
  EXPECT_EQ(definition_of(program, "no_such_function"), "");
  EXPECT_EQ(definition_of("/nowhere", "main"), "");
  EXPECT_EQ(definition_of(program, ""), "");
}

}  // namespace
}  // namespace kit
