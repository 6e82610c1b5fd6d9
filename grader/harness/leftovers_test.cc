#include "grader/harness/leftovers.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>

#include <cstdlib>
#include <fstream>

#include "grader/harness/process.h"

namespace kit {
namespace {

Deadline soon() { return Deadline::after_ms(20'000); }

// Objects are counted only where they cannot be anybody else's.
bool is_alone() { return describe_isolation() == "own network, own /dev/shm"; }

Launch shell(const std::string& script) {
  Launch launch;
  launch.name = "script";
  launch.argv = {"/bin/sh", "-c", script};
  launch.env = {{"PATH", "/usr/bin:/bin"}};
  return launch;
}

TEST(Leftovers, NothingLeft) { EXPECT_TRUE(Leftovers().sweep().empty()); }

TEST(Leftovers, FileIsNoLeftover) {
  Leftovers leftovers;
  std::ofstream(std::string(std::getenv("TEST_TMPDIR")) + "/note") << "text";
  EXPECT_TRUE(leftovers.sweep().empty());
}

TEST(Leftovers, DaemonIsNamedAndEnded) {
  ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  Leftovers leftovers;
  {
    Process process(shell("setsid sleep 60 & echo ready"));
    ASSERT_TRUE(process.wait_for_out("ready", soon()));
    ASSERT_TRUE(process.wait(soon()));
  }
  EXPECT_EQ(leftovers.sweep(), std::vector<std::string>{"a process: sleep 60"});
  EXPECT_TRUE(leftovers.sweep().empty());
}

TEST(Leftovers, HelperThatEndsAMomentLaterIsNone) {
  ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  Leftovers leftovers;
  {
    Process process(shell("setsid sleep 0.1 & echo ready"));
    ASSERT_TRUE(process.wait(soon()));
  }
  EXPECT_TRUE(leftovers.sweep().empty());
}

TEST(Leftovers, SharedMemoryIsNamedAndRemoved) {
  if (!is_alone()) GTEST_SKIP() << "objects here may be anybody's: not in a sandbox of its own";
  Leftovers leftovers;
  ASSERT_GE(shm_open("/left", O_CREAT | O_RDWR, 0600), 0);
  EXPECT_EQ(leftovers.sweep(), std::vector<std::string>{"/dev/shm/left"});
  EXPECT_TRUE(leftovers.sweep().empty());
}

TEST(Leftovers, SystemVMemoryIsNamedAndRemoved) {
  if (!is_alone()) GTEST_SKIP() << "objects here may be anybody's: not in a sandbox of its own";
  Leftovers leftovers;
  ASSERT_GE(shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600), 0);
  const std::vector<std::string> found = leftovers.sweep();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].rfind("System V shared memory, number ", 0), 0u) << found[0];
  EXPECT_TRUE(leftovers.sweep().empty());
}

TEST(Leftovers, WhatWasThereBeforeIsNone) {
  if (!is_alone()) GTEST_SKIP() << "objects here may be anybody's: not in a sandbox of its own";
  ASSERT_GE(shm_open("/before", O_CREAT | O_RDWR, 0600), 0);
  EXPECT_TRUE(Leftovers().sweep().empty());
  shm_unlink("/before");
}

}  // namespace
}  // namespace kit
