#include "grader/harness/fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>

namespace kit {
namespace {

bool is_open(int fd) { return fcntl(fd, F_GETFD) >= 0; }

UniqueFd some_fd() { return UniqueFd(open("/dev/null", O_RDONLY | O_CLOEXEC)); }

TEST(UniqueFd, ClosesWhenItGoesAway) {
  int number = -1;
  {
    const UniqueFd fd = some_fd();
    number = fd.get();
    ASSERT_TRUE(is_open(number));
  }
  EXPECT_FALSE(is_open(number));
}

TEST(UniqueFd, MovedFromHoldsNothing) {
  UniqueFd first = some_fd();
  const int number = first.get();
  const UniqueFd second = std::move(first);
  EXPECT_FALSE(first.valid());  // NOLINT(bugprone-use-after-move): this is what is tested
  EXPECT_EQ(second.get(), number);
  EXPECT_TRUE(is_open(number));
}

TEST(UniqueFd, AssignmentClosesTheOldOne) {
  UniqueFd fd = some_fd();
  const int old = fd.get();
  UniqueFd next = some_fd();
  const int number = next.get();
  fd = std::move(next);
  EXPECT_FALSE(is_open(old));
  EXPECT_EQ(fd.get(), number);
}

TEST(UniqueFd, ReleasedIsTheCallersToClose) {
  UniqueFd fd = some_fd();
  const UniqueFd caller(fd.release());
  EXPECT_FALSE(fd.valid());
  EXPECT_TRUE(is_open(caller.get()));
}

}  // namespace
}  // namespace kit
