#include "grader/harness/command.h"

#include <gtest/gtest.h>

namespace kit {
namespace {

Deadline soon() { return Deadline::after_ms(20'000); }

TEST(Command, StatusAndBothStreams) {
  const CommandResult result = run_command({"sh", "-c", "echo out; echo err >&2; exit 3"}, soon());
  EXPECT_EQ(result.exit.status, 3);
  EXPECT_EQ(result.out, "out\n");
  EXPECT_EQ(result.err, "err\n");
}

TEST(Command, ToolThatIsMissing) {
  EXPECT_EQ(run_command({"no-such-tool"}, soon()).exit.status, 127);
}

TEST(Command, KilledAtTheDeadline) {
  const CommandResult result = run_command({"sleep", "60"}, Deadline::after_ms(50));
  EXPECT_EQ(result.exit.signal, 9);
}

TEST(Command, KilledWithWhatItStarted) {
  // The pipe is open until the inner sleep ends: this returns at once only if that is killed, too.
  const Deadline deadline = soon();
  run_command({"sh", "-c", "sleep 60 & wait"}, Deadline::after_ms(50));
  EXPECT_FALSE(deadline.expired());
}

}  // namespace
}  // namespace kit
