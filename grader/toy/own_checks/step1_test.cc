#include "grader/harness/check.h"
#include "grader/harness/probe_run.h"
#include "long_count.h"

namespace {

using namespace kit;

KIT_CHECK(Hidden, CountsFar, .why = "A counter that is right for two is not right yet.",
          .hint = "What does your code do beyond its first calls?", .function = "Counter::add") {
  require_results("counter_probe", {}, calls_up_to(kFar));
}

}  // namespace
