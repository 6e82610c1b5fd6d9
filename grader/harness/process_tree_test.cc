#include "grader/harness/process_tree.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "grader/harness/process.h"

namespace kit {
namespace {

Deadline soon() { return Deadline::after_ms(20'000); }

Launch shell(const std::string& script) {
  Launch launch;
  launch.name = "script";
  launch.argv = {"/bin/sh", "-c", script};
  launch.env = {{"PATH", "/usr/bin:/bin"}};
  return launch;
}

TEST(ProcessTree, ChildrenAndGrandchildren) {
  Process process(shell("sleep 60 & sleep 60 & echo ready; wait"));
  ASSERT_TRUE(process.wait_for_out("ready", soon()));
  EXPECT_EQ(descendants().size(), 3u);
  process.kill();
}

TEST(ProcessTree, DaemonOfASubreaperIsBelowIt) {
  ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  Process process(shell("setsid sh -c 'echo ready; sleep 60' & exit 0"));
  ASSERT_TRUE(process.wait_for_out("ready", soon()));
  ASSERT_TRUE(process.wait(soon()));
  EXPECT_FALSE(descendants().empty());
  EXPECT_TRUE(kill_descendants(soon()));
  EXPECT_TRUE(descendants().empty());
  reap_orphans({process.pid()});
}

TEST(ProcessTree, ZombieDoesNotCount) {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  siginfo_t info = {};
  ASSERT_EQ(waitid(P_PID, child, &info, WEXITED | WNOWAIT), 0);
  EXPECT_TRUE(descendants().empty());
  reap_orphans({child});
  EXPECT_EQ(waitpid(child, nullptr, 0), child) << "somebody waits for it";
}

TEST(ProcessTree, StoppedProcessIsKnownAsSuch) {
  Process process(shell("echo ready; sleep 60"));
  ASSERT_TRUE(process.wait_for_out("ready", soon()));
  EXPECT_FALSE(is_stopped(process.pid()));
  process.signal(SIGSTOP);
  const Deadline deadline = soon();
  while (!is_stopped(process.pid()) && !deadline.expired()) sched_yield();
  EXPECT_TRUE(is_stopped(process.pid()));
}

TEST(ForkGuard, LeavesAFewAlone) {
  std::atomic<int> calls = 0;
  const ForkGuard guard(10, [&] { ++calls; });
  Process process(shell("sleep 60 & sleep 60 & echo ready; wait"));
  ASSERT_TRUE(process.wait_for_out("ready", soon()));
  process.wait(Deadline::after_ms(100));
  EXPECT_FALSE(guard.has_killed());
  EXPECT_EQ(calls, 0);
}

TEST(ForkGuard, EndsWhatForksTooOften) {
  Process process(shell("read go; i=0; while [ $i -lt 30 ]; do sleep 60 & i=$((i+1)); done; wait"));
  const ForkGuard guard(10, [&] {
    process.signal_group(SIGKILL);
    kill_descendants(soon());
  });
  ASSERT_TRUE(process.write_in("go\n", soon()));
  EXPECT_EQ(process.wait(soon()).value().signal, SIGKILL);
  EXPECT_TRUE(guard.has_killed());
}

}  // namespace
}  // namespace kit
