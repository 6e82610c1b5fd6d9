// Step 2: the fair lock: who may be in together, deadlines, waking and sleeping.
#include <algorithm>
#include <string>
#include <vector>

#include "grader/dipc/lock_history.h"
#include "grader/dipc/lock_scenarios.h"
#include "grader/harness/check.h"
#include "grader/harness/probe_run.h"
#include "grader/harness/rounds.h"

namespace kit::dipc_lab {
namespace {

KIT_CHECK(Lock, LetsInOneAfterTheOther, .why = "Everything else stands on this.",
          .hint =
              "A lock that is free is had at once, whatever the deadline; release() gives it back, "
              "and a second release() does nothing.",
          .function = "dipc::FairLock::lock_exclusive") {
  require_results(kLockProbe, {"threads", "2"},
                  {{exclusive("A"), "locked"},
                   {release("A"), "released"},
                   {exclusive("A"), "locked"},
                   {exclusive("A", 1000, 1), "locked"},
                   {release("A"), "released"},
                   {shared("A"), "locked"},
                   {release("A", 1), "released"},
                   {release("A"), "released"},
                   {exclusive("A", 0), "locked"},
                   {release("A"), "released"},
                   {shared("A", 0), "locked"},
                   {release("A"), "released"}});
}

// A has the lock in one way while B asks for it in another.
Scenario two(Call first, Call second) {
  return {{"threads"},
          {{std::move(first), {"A.meet", {"2", "3000"}}, release("A")},
           {watch("B", "A", 1), std::move(second), {"B.meet", {"2", "3000"}}}}};
}

KIT_CHECK(
    Lock, KeepsOthersOut,
    .why =
        "A reader that looks while somebody writes sees half of the old and half of the new; two "
        "writers leave a mixture for ever.",
    .hint = "Who writes is alone: nobody goes in beside a writer, and no writer beside anybody.",
    .function = "dipc::FairLock::lock_exclusive") {
  explain_calls();
  constexpr int kMs = 60;
  const std::vector<Scenario> scenarios = {two(exclusive("A"), exclusive("B", kMs)),
                                           two(exclusive("A"), shared("B", kMs)),
                                           two(shared("A"), exclusive("B", kMs))};
  for (const Scenario& scenario : scenarios) {
    forget_did();
    const History history = run_once(kLockProbe, scenario);
    if (const auto wrong = find_two_at_once(history))
      fail("B stays out as long as A is in", *wrong);
  }
  forget_did();
  const History history = run_once(kLockProbe, two(shared("A"), shared("B")));
  if (const auto wrong = find_not_locked(history)) fail("B reads beside A", *wrong);
}

KIT_CHECK(Lock, LetsReadersInTogether,
          .why =
              "Many may read a mailbox at once; a lock that lets in one at a time makes them wait "
              "for nothing.",
          .hint =
              "A reader goes in when nobody writes and nobody waits. When a writer leaves, all "
              "readers that stand at the front go in.",
          .function = "dipc::FairLock::lock_shared") {
  explain_calls();
  Scenario scenario{{"threads"}, {}};
  scenario.threads = {
      {exclusive("A"), after("A", "B"), after("A", "C"), after("A", "D"), release("A")}};
  for (const std::string who : {"B", "C", "D"}) {
    scenario.threads.push_back(
        {watch(who, "A", 1), shared(who), {who + ".meet", {"3", "1500"}}, release(who)});
  }
  for (int i = 0; i < 5; ++i) {
    forget_did();
    for (const Operation& operation : run_once(kLockProbe, scenario)) {
      if (operation.call.find("meet") == std::string::npos) continue;
      require(operation.result == "3 together",
              "readers B, C and D, who wait for a writer, go in together when it leaves",
              varies(operation.call.substr(0, 1)) + " has the lock, and of the three there are " +
                  varies(operation.result));
    }
  }
}

KIT_CHECK(Lock, KeepsLocksApart,
          .why =
              "Each mailbox has a lock of its own, and only the places are shared: who waits for "
              "one mailbox must stop nobody at another.",
          .hint = "What belongs to one lock lies in its own memory.",
          .function = "dipc::FairLock::lock_exclusive") {
  explain_calls();
  Scenario scenario{{"threads", "2"}, {}};
  scenario.threads = {
      {exclusive("A"), after("A", "B"), exclusive("A", kLongMs, 1), release("A", 1), release("A")},
      {watch("B", "A", 1), exclusive("B"), release("B")}};
  for (const History& history : run_probe(kLockProbe, scenario, 5)) {
    if (const auto wrong = find_not_locked(history))
      fail("everybody gets in", *wrong + "\n" + varies(render(history)));
  }
}

KIT_CHECK(
    Lock, GivesUpAtItsDeadline,
    .why =
        "A client is told `timeout`, and gets on with something else; so a deadlock cannot last.",
    .hint =
        "Wait for the deadline at the most (sem_clockwait(3) on CLOCK_MONOTONIC), and answer "
        "kTimeout. One that has passed does not wait at all.",
    .function = "dipc::FairLock::lock_exclusive") {
  explain_calls();
  constexpr int kMs = 150;
  Scenario scenario{{"threads"}, {}};
  scenario.threads = {{exclusive("A"), {"A.meet", {"2", "3000"}}, release("A")},
                      {watch("B", "A", 1),
                       exclusive("B", kMs),
                       shared("B", kMs),
                       exclusive("B", 0),
                       shared("B", 0),
                       {"B.meet", {"2", "3000"}}}};
  const History history = run_once(kLockProbe, scenario);
  for (const Turn& turn : turns_of(history)) {
    if (turn.who != "B") continue;
    const std::int64_t asked_ms = (turn.until_ns - turn.asked_ns) / 1'000'000;
    const std::int64_t took_ms = (turn.had_ns - turn.asked_ns) / 1'000'000;
    const std::string what =
        name_of(turn) + " with a deadline in " + std::to_string(asked_ms) + " ms";
    require(turn.result == "timeout", what + ": timeout", turn.result);
    require(took_ms >= asked_ms - 1, what + " waits for it",
            "it gave up after " + varies(std::to_string(took_ms)) + " ms");
    require(took_ms <= asked_ms + 1000 * slowness(), what + " waits no longer",
            "it took " + varies(std::to_string(took_ms)) + " ms");
  }
}

KIT_CHECK(
    Lock, SleepsWhileItWaits,
    .why =
        "A thread that asks over and over whether it is its turn takes the processor away from "
        "those who would make it its turn.",
    .hint =
        "Wait in the kernel: sem_clockwait(3), or a condition variable. No loop that only looks.",
    .function = "dipc::FairLock::lock_exclusive") {
  explain_calls();
  Scenario scenario{{"threads"}, {}};
  scenario.threads = {{exclusive("A"), {"A.stay", {"400"}}, release("A")},
                      {watch("B", "A", 1), exclusive("B"), {"B.cpu", {}}, release("B")},
                      {watch("C", "A", 1), shared("C"), {"C.cpu", {}}, release("C")}};
  for (const Operation& operation : run_once(kLockProbe, scenario)) {
    if (operation.call.find("cpu") == std::string::npos) continue;
    require(operation.result == "asleep", "who waits, sleeps",
            operation.call.substr(0, 1) + " was " + varies(operation.result));
  }
}

// A hands the lock to B again and again, each time as soon as B is known to wait.
Scenario handing_over(const char* kind, int times) {
  Scenario scenario{{kind}, {{}, {}}};
  for (int i = 1; i <= times; ++i) {
    const Words both = {std::to_string(2 * i), "5000"};
    for (const Call& call :
         {exclusive("A"), after("A", "B", i), release("A"), Call{"A.meet", both}})
      scenario.threads[0].push_back(call);
    for (const Call& call :
         {watch("B", "A", i), exclusive("B"), release("B"), Call{"B.meet", both}})
      scenario.threads[1].push_back(call);
  }
  return scenario;
}

// How soon somebody went in when the lock had become free for him. Who is not woken finds out when
// he looks by himself: what counts is only whose next look is far away. Once is enough: who is not
// woken is never quick, and who is woken is slow now and then, on a machine that has much to do.
class Promptness {
 public:
  void note(std::int64_t asked_ns, std::int64_t free_ns, std::int64_t had_ns) {
    if (free_ns <= asked_ns || had_ns <= free_ns) return;
    if ((free_ns - asked_ns) / 1'000'000 % kLookMs > kFarMs) return;
    ++count_;
    quickest_ms_ = std::min(quickest_ms_, (had_ns - free_ns) / 1'000'000);
  }

  bool is_seen() const { return quickest_ms_ < kLimitMs; }

  void require_it(const std::string& expected) const {
    require(
        count_ == 0 || is_seen(), expected,
        "the quickest of several times, it took " + varies(std::to_string(quickest_ms_)) + " ms");
  }

 private:
  static constexpr int kLookMs = 100;  // FairLock::kDeathCheckMs
  static constexpr int kFarMs = 35;    // since the last look, at the most
  static constexpr int kLimitMs = 50;

  int count_ = 0;
  std::int64_t quickest_ms_ = 10'000;
};

constexpr int kTries = 8;

// Of twenty turns. Each costs kLookMs with a lock that wakes nobody, which then is still told in
// time.
void require_quick_turns(const char* kind) {
  Promptness promptness;
  for (int i = 0; i < kTries / 2 && !promptness.is_seen(); ++i) {
    forget_did();
    const History history = run_once(kLockProbe, handing_over(kind, 5));
    if (const auto wrong = find_two_at_once(history)) fail("one at a time", *wrong);
    const std::vector<Turn> turns = turns_of(history);
    for (const Turn& turn : turns) {
      for (const Turn& before : turns) {
        const bool is_handed_over = turn.who == "B" && before.who == "A" &&
                                    turn.asked_ns < before.left_ns && before.left_ns < turn.had_ns;
        if (is_handed_over) promptness.note(turn.asked_ns, before.left_ns, turn.had_ns);
      }
    }
  }
  promptness.require_it("B goes in as soon as A has left");
}

KIT_CHECK(Lock, WakesWhoseTurnItIs,
          .why =
              "A waiter looks by itself only every kDeathCheckMs. Who gives the lock back must "
              "wake the next one, or each turn costs that long.",
          .hint =
              "When you let somebody in, post its semaphore, and do it whichever way the lock "
              "became free: by release(), or by one in front who gave up.",
          .function = "dipc::FairLock::Hold::release") {
  explain_calls();
  require_quick_turns("threads");
}

KIT_CHECK(
    Lock, WakesOtherProcesses,
    .why =
        "A semaphore that was made for one process wakes nobody in another one, though both have "
        "it in their memory.",
    .hint =
        "sem_init(3) with pshared 1; for a mutex or a condition variable, PTHREAD_PROCESS_SHARED.",
    .function = "dipc::FairLock::init_places") {
  explain_calls();
  require_quick_turns("processes");
}

KIT_CHECK(Lock, ClosesTheGapOfOneWhoGaveUp,
          .why = "A reader behind a writer that gave up waits for nobody any more.",
          .hint =
              "Who gives up leaves the queue, and must let in those behind it whose turn it is "
              "now, as release() does.",
          .function = "dipc::FairLock::lock_exclusive") {
  explain_calls();
  // A reads all the time. B wants to write and gives up; C stands behind it, and may read with A.
  Scenario scenario{{"threads"}, {}};
  scenario.threads = {{shared("A"), {"A.meet", {"2", "3000"}}, release("A")},
                      {watch("B", "A", 1), exclusive("B", 225)},
                      {after("C", "B"), shared("C"), {"C.meet", {"2", "3000"}}, release("C")}};
  Promptness promptness;
  for (int i = 0; i < kTries && !promptness.is_seen(); ++i) {
    forget_did();
    const History history = run_once(kLockProbe, scenario);
    std::int64_t gave_up_ns = 0;
    for (const Turn& turn : turns_of(history)) {
      if (turn.who == "B") gave_up_ns = turn.until_ns;
      if (turn.who != "C") continue;
      require(turn.is_locked() && turn.had_ns < turn.asked_ns + 2'500'000'000,
              "C reads with A as soon as B has given up", "C waited until A had left");
      promptness.note(turn.asked_ns, gave_up_ns, turn.had_ns);
    }
  }
  promptness.require_it("C reads with A as soon as B has given up");
}

KIT_CHECK(
    Lock, SaysWhenItIsFull,
    .why =
        "The queue lies in memory of a fixed size. One thread too many must hear so, and not write "
        "behind its end.",
    .hint =
        "kMaxPlaces threads hold or wait; the next one gets kFull, and all of them can come again.",
    .function = "dipc::FairLock::lock_shared") {
  const std::string expected = "1024 locked, the last one: full";
  require_results(kLockProbe, {"threads"},
                  {{{"A.crowd", {"1024"}}, expected},
                   {exclusive("A"), "locked"},
                   {release("A"), "released"},
                   {{"A.crowd", {"1024"}}, expected}});
}

}  // namespace
}  // namespace kit::dipc_lab
