// One check in the process that was started for it.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>

#include <cstdio>

#include "grader/harness/check_context.h"
#include "grader/harness/supervisor.h"

namespace kit {
namespace {

// What an EXPECT_ or ASSERT_ of a driver says, when it fails, is a finding like any other.
class PartListener : public testing::EmptyTestEventListener {
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (!result.failed()) return;
    try {
      fail("", result.message());
    } catch (const Verdict&) {
    }
  }
};

std::seed_seq seed_of(const CheckOrder& order) {
  std::vector<std::uint32_t> words = {static_cast<std::uint32_t>(order.seed),
                                      static_cast<std::uint32_t>(order.seed >> 32)};
  words.insert(words.end(), order.check.begin(), order.check.end());
  return std::seed_seq(words.begin(), words.end());
}

// Runs the one test and tells whether there is one of that name.
bool run_test(const std::string& name) {
  testing::GTEST_FLAG(filter) = name;
  testing::TestEventListeners& listeners = testing::UnitTest::GetInstance()->listeners();
  delete listeners.Release(listeners.default_result_printer());
  listeners.Append(new PartListener);
  // What it came to is in the context.
  [[maybe_unused]] const int status = RUN_ALL_TESTS();
  return testing::UnitTest::GetInstance()->test_to_run_count() == 1;
}

}  // namespace

Finding run_ordered_check(const RunConfig& config, const CheckOrder& order) {
  signal(SIGPIPE, SIG_IGN);
  if (order.with_gdb) signal(SIGINT, SIG_IGN);  // Ctrl-C is meant for the program that gdb runs
  // The subject's daemons stay below this process, where the box's fork guard sees them.
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  CheckContext context;
  context.config = config;
  context.check = order.check;
  context.seed = order.seed;
  context.wanted_interleaving = order.interleaving;
  context.with_gdb = order.with_gdb;
  context.slowness = order.slowness;
  context.deadline = Deadline::after_ms(order.with_gdb ? 24 * 3'600'000 : order.limit_ms);
  std::seed_seq seeds = seed_of(order);
  context.random.seed(seeds);
  context.box =
      make_box(context.config, order.folder, order.with_gdb && config.mode != Mode::kExplore);
  g_check = &context;
  if (!run_test(order.check)) {
    Finding finding;
    finding.check = order.check;
    finding.observed = "the driver has no check of that name";
    return finding;
  }
  return conclude(context);
}

}  // namespace kit
