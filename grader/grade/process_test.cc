#include "grader/grade/process.h"

#include <gtest/gtest.h>
#include <poll.h>

#include "grader/grade/errors.h"

namespace kit::grade {
namespace {

// A shell script that runs until it is told to stop, whatever tells it.
const std::vector<std::string> kForever = {"/bin/sh", "-c", "sleep 600"};

TEST(Process, GivesTheExitStatus) {
  Process process = Process::start({"/bin/sh", "-c", "exit 7"}, {});
  EXPECT_EQ(process.wait(), 7);
  EXPECT_EQ(process.poll_exit(), 7);
}

TEST(Process, TellsWhyAProgramCannotBeStarted) {
  try {
    Process::start({"/nonexistent/program"}, {});
    FAIL();
  } catch (const GraderError& error) {
    EXPECT_STREQ(error.what(), "cannot start /nonexistent/program: No such file or directory");
  }
}

TEST(Process, TellsASignalAsAShellDoes) {
  SpawnOptions options;
  options.has_own_group = true;
  Process process = Process::start(kForever, options);
  EXPECT_FALSE(process.poll_exit());
  process.send(SIGTERM);
  EXPECT_EQ(process.wait(), 128 + SIGTERM);
}

TEST(Process, IsReadableOnceItHasEnded) {
  Process process = Process::start({"/bin/true"}, {});
  pollfd ended = {process.exit_fd(), POLLIN, 0};
  EXPECT_EQ(poll(&ended, 1, 10'000), 1);
  EXPECT_EQ(process.poll_exit(), 0);
}

TEST(Process, DoesNotInheritTheSignalsThatWeHoldBack) {
  const SignalWatch signals({SIGTERM});
  Process process = Process::start({"/bin/sh", "-c", "kill -TERM $$; exit 0"}, {});
  EXPECT_EQ(process.wait(), 128 + SIGTERM);
}

TEST(SignalWatch, MakesASignalReadable) {
  SignalWatch signals({SIGINT});
  EXPECT_FALSE(signals.take());
  raise(SIGINT);
  EXPECT_TRUE(signals.take());
  EXPECT_FALSE(signals.take());
  EXPECT_TRUE(signals.has_fired());
}

TEST(Capture, GivesTheTextWithoutItsLastNewline) {
  EXPECT_EQ(capture({"/bin/echo", "a b"}, ""), "a b");
}

TEST(Capture, IsEmptyWhenTheProgramFailsOrIsMissing) {
  EXPECT_EQ(capture({"/bin/sh", "-c", "echo text; exit 1"}, ""), "");
  EXPECT_EQ(capture({"/nonexistent/program"}, ""), "");
}

TEST(Capture, DoesNotWaitForEver) { EXPECT_EQ(capture(kForever, ""), ""); }

}  // namespace
}  // namespace kit::grade
