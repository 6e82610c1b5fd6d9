// A driver whose checks misbehave, each in its own way: what supervisor_test looks at.
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include "grader/harness/check.h"
#include "grader/harness/probe_run.h"

namespace {

using namespace kit;

constexpr char kProbe[] = "misbehaving_probe";

KIT_CHECK(Good, Passes, .why = "", .hint = "", .function = "") {
  require_results(kProbe, {}, {{{"one", {}}, "1"}});
}

KIT_CHECK(Good, StandsOnACrash, .why = "", .hint = "", .function = "") {}
KIT_CHECK(Good, StandsOnAFailure, .why = "", .hint = "", .function = "") {}

KIT_CHECK(Bad, Crashes, .why = "", .hint = "", .function = "") { std::abort(); }
KIT_CHECK(Bad, LeavesWithoutAWord, .why = "", .hint = "", .function = "") { _exit(0); }
KIT_CHECK(Bad, Throws, .why = "", .hint = "", .function = "") {
  throw std::runtime_error("no such table");
}
KIT_CHECK(Bad, WantsAProgramThatIsNone, .why = "", .hint = "", .function = "") {
  box().start("nothing", {});
}
KIT_CHECK(Bad, MakesACallThatIsNone, .why = "", .hint = "", .function = "") {
  require_results(kProbe, {}, {{{"two", {}}, "2"}});
}
KIT_CHECK(Bad, Hangs, .why = "", .hint = "", .function = "") {
  while (true) pause();
}

KIT_CHECK(Subject, AnswersWrongly, .why = "because", .hint = "look", .function = "") {
  require_results(kProbe, {}, {{{"one", {}}, "2"}});
}
KIT_CHECK(Subject, ExpectationDoesNotHold, .why = "", .hint = "", .function = "") {
  EXPECT_EQ(1 + 1, 3);
}
KIT_CHECK(Subject, Throws, .why = "", .hint = "", .function = "") {
  require_results(kProbe, {}, {{{"throw", {}}, "1"}});
}
KIT_CHECK(Subject, Crashes, .why = "", .hint = "", .function = "") {
  require_results(kProbe, {}, {{{"crash", {}}, "1"}});
}
KIT_CHECK(Subject, HangsInACall, .why = "", .hint = "", .function = "") {
  require_results(kProbe, {}, {{{"hang", {}}, "1"}});
}
KIT_CHECK(Subject, WritesNonsenseIntoTheLog, .why = "", .hint = "", .function = "") {
  require_results(kProbe, {}, {{{"scribble", {}}, "1"}});
}

}  // namespace
