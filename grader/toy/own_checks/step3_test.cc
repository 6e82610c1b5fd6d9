#include "grader/harness/check.h"
#include "grader/harness/probe_run.h"

namespace {

using namespace kit;

KIT_CHECK(Hidden, CountersAreApart, .why = "Each counter has a count of its own.",
          .hint = "Where does your class keep its count?", .function = "Counter::add") {
  require_results("pair_probe", {}, {{{"add", {"1"}}, "1"}, {{"add", {"2"}}, "1"}});
}

}  // namespace
