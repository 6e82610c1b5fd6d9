#include "grader/submissions/limited.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

namespace kit {
namespace {

Ended run_shell(const std::string& script, const Limits& limits = {}, int limit_ms = 60'000) {
  return run_limited({"/bin/sh", "-c", script}, "", {"WORD=word"}, limits,
                     Deadline::after_ms(limit_ms));
}

TEST(RunLimited, GivesStatusAndBothStreams) {
  const Ended ended = run_shell("echo out; echo err >&2; exit 3");
  EXPECT_EQ(WEXITSTATUS(ended.status), 3);
  EXPECT_EQ(ended.output, "out\nerr\n");
  EXPECT_FALSE(ended.is_ok());
  EXPECT_TRUE(run_shell("true").is_ok());
}

TEST(RunLimited, PassesOnNoEnvironmentButItsOwn) {
  ASSERT_EQ(setenv("KIT_SECRET", "secret", 1), 0);
  EXPECT_EQ(run_shell("echo $WORD$KIT_SECRET").output, "word\n");
}

TEST(RunLimited, KeepsABoundedPartOfWhatIsPrinted) {
  const Ended ended = run_shell("head -c 1000000 /dev/zero");
  EXPECT_TRUE(ended.is_ok());
  EXPECT_EQ(ended.output.size(), std::size_t{128} << 10);
}

TEST(RunLimited, EndsWhatIsLateWithAllThatItStarted) {
  const Ended ended = run_shell("sleep 600 & sleep 600", {}, 300);
  EXPECT_TRUE(ended.is_late);
  EXPECT_EQ(WTERMSIG(ended.status), SIGKILL);
}

TEST(RunLimited, BoundsFilesMemoryAndTimeOfTheProcessor) {
  Limits limits;
  limits.cpu_seconds = 1;
  EXPECT_FALSE(run_shell("while true; do :; done", limits).is_ok());
  Limits small;
  small.file_bytes = 4096;
  EXPECT_FALSE(run_shell("head -c 8192 /dev/zero > limited_test.file", small).is_ok());
  Limits narrow;
  narrow.memory_bytes = 64 << 20;
  EXPECT_FALSE(run_shell("head -c 200000000 /dev/zero | tail -n 1 > /dev/null", narrow).is_ok() &&
               run_shell("exec dd if=/dev/zero of=/dev/null bs=200M count=1", narrow).is_ok());
}

}  // namespace
}  // namespace kit
