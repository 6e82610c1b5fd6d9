#include "grader/harness/history.h"

#include <gtest/gtest.h>

namespace kit {
namespace {

Operation operation(int thread, const std::string& call, const std::string& result,
                    std::int64_t begin_ns) {
  return {thread, 0, call, {}, result, true, begin_ns, begin_ns + 1};
}

TEST(History, IsShownInOrderOfTheBeginnings) {
  const History history = {operation(0, "a", "1", 30), operation(0, "b", "2", 40),
                           operation(1, "c", "3", 35)};
  EXPECT_EQ(render(history), "thread 0: a() -> 1\nthread 1: c() -> 3\nthread 0: b() -> 2\n");
}

TEST(History, OfOneThreadNamesNoThread) {
  EXPECT_EQ(render(History{operation(0, "a", "1", 1)}), "a() -> 1\n");
}

TEST(History, CallThatHasNotReturned) {
  Operation pending = operation(0, "pop", "", 1);
  pending.completed = false;
  EXPECT_EQ(render(pending), "pop() -> (never returned)");
}

TEST(History, ResultsAreEscaped) {
  EXPECT_EQ(render(operation(0, "get", "\033[31m", 1)), "get() -> \\x1B[31m");
}

}  // namespace
}  // namespace kit
