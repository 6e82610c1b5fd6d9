#include "grader/harness/process.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>

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

TEST(Process, ExitStatus) {
  Process process(shell("exit 7"));
  const std::optional<Exit> exit = process.wait(soon());
  ASSERT_TRUE(exit);
  EXPECT_EQ(render(*exit), "exit status 7");
  EXPECT_FALSE(process.running());
}

TEST(Process, DeathByASignal) {
  Process process(shell("kill -SEGV $$"));
  EXPECT_EQ(render(process.wait(soon()).value()), "signal 11 (Segmentation fault)");
}

TEST(Process, ProgramThatIsNotThere) {
  Launch launch = shell("");
  launch.argv = {"/nowhere/program"};
  Process process(launch);
  EXPECT_EQ(process.wait(soon()).value().status, 127);
}

TEST(Process, MayHaveFewDescriptors) {
  Launch launch = shell("echo listening on $(ulimit -n); sleep 60");
  launch.descriptors = 40;
  Process process(launch);
  EXPECT_EQ(process.wait_for_number("listening on ", soon()), 40);
}

TEST(Process, NumberAfterAWordAtTheBeginningOfALine) {
  Process process(shell("echo not listening on 1; printf 'listening '; echo on 4711; sleep 60"));
  EXPECT_EQ(process.wait_for_number("listening on ", soon()), 4711);
}

TEST(Process, NumberThatNeverComesBeforeTheEnd) {
  Process process(shell("echo hello"));
  EXPECT_EQ(process.wait_for_number("listening on ", soon()), std::nullopt);
}

TEST(Process, NumberThatDoesNotComeInTime) {
  Process process(shell("printf 'listening on 47'; sleep 60"));
  EXPECT_EQ(process.wait_for_number("listening on ", Deadline::after_ms(50)), std::nullopt);
}

TEST(Process, TextOnEachStream) {
  Process process(shell("echo out; echo err >&2; sleep 60"));
  EXPECT_TRUE(process.wait_for_out("out", soon()));
  EXPECT_TRUE(process.wait_for_err("err", soon()));
  EXPECT_FALSE(process.wait_for_out("err", Deadline::after_ms(20)));
}

TEST(Process, ReadsWhatIsWrittenToIt) {
  Process process(shell("cat"));
  const std::string text(1 << 20, 'x');
  EXPECT_TRUE(process.write_in(text, soon()));
  process.close_in();
  EXPECT_TRUE(process.wait(soon()).value().clean());
  EXPECT_GT(process.out().size(), std::size_t{256} << 10);
}

TEST(Process, WritingToOneThatReadsNothingEndsAtTheDeadline) {
  Process process(shell("sleep 60"));
  EXPECT_FALSE(process.write_in(std::string(1 << 20, 'x'), Deadline::after_ms(50)));
}

TEST(Process, WritingToOneThatHasEnded) {
  signal(SIGPIPE, SIG_IGN);  // as a driver does
  Process process(shell("exit 0"));
  ASSERT_TRUE(process.wait(soon()));
  EXPECT_FALSE(process.write_in("x", soon()));
}

TEST(Process, IgnoredSignalsEndInKill) {
  Process process(shell("trap '' TERM; echo ready; sleep 60"));
  ASSERT_TRUE(process.wait_for_out("ready", soon()));
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait(Deadline::after_ms(50)), std::nullopt);
  process.kill();
  EXPECT_EQ(process.wait(soon()).value().signal, SIGKILL);
}

TEST(Process, FloodIsEnded) {
  Process process(shell("yes"));
  EXPECT_EQ(process.wait(soon()).value().signal, SIGKILL);
  EXPECT_TRUE(process.flooded());
}

TEST(Process, EnvironmentIsWhatIsGiven) {
  setenv("SECRET", "1", 1);
  Launch launch = shell("echo [$SECRET] [$SHOWN]");
  launch.env["SHOWN"] = "2";
  Process process(launch);
  ASSERT_TRUE(process.wait(soon()));
  EXPECT_EQ(process.out(), "[] [2]\n");
}

TEST(Process, HoldingsAreCounted) {
  Process process(shell("echo ready; sleep 60"));
  ASSERT_TRUE(process.wait_for_out("ready", soon()));
  const std::optional<Holdings> holdings = process.holdings();
  ASSERT_TRUE(holdings);
  EXPECT_EQ(holdings->threads, 1);
  EXPECT_GE(holdings->descriptors, 3);
  EXPECT_GT(holdings->memory_kb, 0);
}

TEST(Process, OwnStopIsNoCrash) {
  Process process(shell("kill -STOP $$; echo on"));
  EXPECT_FALSE(process.wait_for_out("on", Deadline::after_ms(50)));
  process.signal(SIGCONT);
  EXPECT_TRUE(process.wait_for_out("on", soon()));
  EXPECT_TRUE(process.crashes().empty());
}

TEST(Process, CrashOfAChildIsSeenAndTheChildIsEnded) {
  pid_t crashed = 0;
  Launch launch = shell(
      "sh -c 'echo kit: fatal signal 11 in process $$ >&2; kill -STOP $$' & wait; echo waited");
  launch.on_crash = [&](pid_t pid) { crashed = pid; };
  Process process(launch);
  EXPECT_TRUE(process.wait_for_out("waited", soon()));
  process.kill();
  ASSERT_EQ(process.crashes().size(), 1u);
  EXPECT_NE(crashed, process.pid());
  EXPECT_EQ(crashed, process.crashes()[0].pid);
}

TEST(Process, ForgedCrashOfSomebodyElseIsLeftAlone) {
  Launch launch = shell("echo kit: fatal signal 11 in process $PPID >&2; echo done >&2");
  launch.on_crash = [](pid_t) { ADD_FAILURE(); };
  Process process(launch);
  EXPECT_TRUE(process.wait_for_err("done", soon()));
  EXPECT_TRUE(process.wait(soon()).value().clean());
  EXPECT_TRUE(process.crashes().empty());
}

}  // namespace
}  // namespace kit
