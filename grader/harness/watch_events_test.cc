#include "grader/harness/watch_events.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

namespace kit {
namespace {

void write_all(int fd, const std::string& text) {
  ASSERT_EQ(write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

TEST(WatchEvents, AllocationUnderALock) {
  const auto event =
      parse_watch_event("alloc-under-lock 4000 /x/ring_probe+0x1a,0x2b /x/ring_probe+0x3c 7 8 99");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->kind, "alloc-under-lock");
  EXPECT_EQ(event->value, "4000");
  EXPECT_EQ(event->site.file, "/x/ring_probe");
  EXPECT_EQ(event->site.offsets, (std::vector<std::string>{"0x1a", "0x2b"}));
  EXPECT_EQ(event->lock_site.offsets, (std::vector<std::string>{"0x3c"}));
  EXPECT_EQ(event->pid, 7);
  EXPECT_EQ(event->tid, 8);
  EXPECT_EQ(event->time_ns, 99);
}

TEST(WatchEvents, NameOfAnObjectIsUnescaped) {
  const auto event = parse_watch_event("shm_open /my\\x20ring /x/a+b/prog+0x1 7 7 1");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->value, "/my ring");
  EXPECT_EQ(event->site.file, "/x/a+b/prog");
}

TEST(WatchEvents, UnknownSite) {
  const auto event = parse_watch_event("mq_open /q - 7 7 1");
  ASSERT_TRUE(event);
  EXPECT_TRUE(event->site.offsets.empty());
  EXPECT_TRUE(lines_of(event->site).empty());
}

TEST(WatchEvents, WhatIsNoEventIsLeftOut) {
  for (const char* line : {"", "hello", "alloc-under-lock 1 - - x y z", "a b c"}) {
    EXPECT_FALSE(parse_watch_event(line)) << line;
  }
}

TEST(WatchEvents, PipeGivesWholeLines) {
  WatchPipe pipe;
  write_all(pipe.child_fd(), "shm_open /a - 1 1 1\nsem_open /b - 1 1 2\nmq_open /c");
  const std::vector<WatchEvent> events = pipe.finish();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].value, "/a");
  EXPECT_EQ(events[1].kind, "sem_open");
}

TEST(WatchEvents, MoreThanAPipeHolds) {
  WatchPipe pipe;
  for (int i = 0; i < 20'000; ++i) write_all(pipe.child_fd(), "shm_open /a - 1 1 1\n");
  EXPECT_EQ(pipe.finish().size(), 20'000u);
}

}  // namespace
}  // namespace kit
