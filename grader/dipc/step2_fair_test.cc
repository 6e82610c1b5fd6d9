// Step 2: the fair lock under many threads and processes: who is kept apart, in which order they go
// in, and what becomes of the lock when one of them dies.
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

// In the mode explore: most orders of a few threads at one lock are tried by then.
constexpr CheckOptions kEffort{
    .scenarios = 3, .schedules = 80, .makes_sense = holds_what_it_touches};

bool is_explored() { return config().mode == Mode::kExplore; }

std::string letter(int thread) { return std::string(1, static_cast<char>('A' + thread)); }

// Some threads that read and write as they like, each a letter of its own.
Scenario crowd(std::mt19937_64& random, const char* kind) {
  Scenario scenario{{kind}, {}};
  const int threads = is_explored() ? 2 + random() % 2 : 2 + random() % 4;
  const int turns = is_explored() ? 2 : 6;
  for (int thread = 0; thread < threads; ++thread) {
    const std::string who = letter(thread);
    std::vector<Call> calls;
    for (int turn = 0; turn < turns; ++turn) {
      // The first writes, or there would be nothing to see.
      const bool is_writer = (thread == 0 && turn == 0) || random() % 2 == 0;
      calls.push_back(is_writer ? exclusive(who) : shared(who));
      calls.push_back(is_writer ? Call{who + ".write", {who}} : Call{who + ".read", {}});
      calls.push_back(release(who));
    }
    scenario.threads.push_back(calls);
  }
  return scenario;
}

std::optional<std::string> judge_apart(const History& history) {
  if (const auto wrong = find_two_at_once(history)) return wrong;
  return find_not_locked(history);
}

KIT_CHECK(Lock, KeepsWritersAlone,
          .why =
              "A reader that looks while somebody writes sees half of the old and half of the new; "
              "two writers leave a mixture for ever.",
          .hint = "Who is in, and who may go in, is one decision: take it under one mutex.",
          .function = "dipc::FairLock::lock_exclusive") {
  check_histories(
      kLockProbe, "many read or one writes, and everybody gets a turn",
      [](std::mt19937_64& random) { return crowd(random, "threads"); }, judge_apart, kEffort);
}

KIT_CHECK(Lock, KeepsProcessesApart,
          .why =
              "The mailboxes are in shared memory so that other processes can use them; then the "
              "lock must hold between processes too.",
          .hint =
              "pthread_mutexattr_setpshared(3) with PTHREAD_PROCESS_SHARED, sem_init(3) with "
              "pshared 1, and no pointer in the shared memory.",
          .function = "dipc::FairLock::init_lock") {
  check_histories(
      kLockProbe, "many read or one writes, and everybody gets a turn",
      [](std::mt19937_64& random) { return crowd(random, "processes"); }, judge_apart, kEffort);
}

// A holds the lock. The others come one after the other, each when the one before is known to wait.
Scenario queue(std::mt19937_64& random, const char* kind) {
  Scenario scenario{{kind}, {}};
  const int waiters = is_explored() ? 2 + random() % 2 : 3 + random() % 3;
  scenario.threads.push_back({random() % 2 == 0 ? exclusive("A") : shared("A"),
                              after("A", letter(waiters)), release("A")});
  bool is_exclusive = true;  // the first must have to wait, whatever A has
  for (int i = 1; i <= waiters; ++i) {
    const std::string who = letter(i);
    const Call come = i == 1 ? watch(who, "A", 1) : after(who, letter(i - 1));
    scenario.threads.push_back({come, is_exclusive ? exclusive(who) : shared(who), release(who)});
    is_exclusive = random() % 2 == 0;
  }
  return scenario;
}

// Each waits until the one before is seen to wait, so luck has no part in it.
constexpr CheckOptions kEffortInOrder{.scenarios = 3, .schedules = 80, .repeat = 10};

constexpr char kInOrder[] =
    "who was known to wait before somebody else came, is let in before it: nobody is overtaken, "
    "the bound is 0";

std::optional<std::string> judge_order(const History& history) {
  if (const std::optional<Overtaken> found = find_overtaken(history)) return found->what;
  if (const auto wrong = find_two_at_once(history)) return wrong;
  return find_not_locked(history);
}

KIT_CHECK(Lock, ServesInOrderOfArrival,
          .why = "Only who is served in the order of arrival can know that his turn comes.",
          .hint =
              "One queue for readers and writers. A reader may join those who read only when "
              "nobody waits in front of it.",
          .function = "dipc::FairLock::lock_shared") {
  explain_calls();
  check_histories(
      kLockProbe, kInOrder, [](std::mt19937_64& random) { return queue(random, "threads"); },
      judge_order, kEffortInOrder);
}

KIT_CHECK(Lock, ServesProcessesInOrder,
          .why = "The queue is in shared memory, so that it is the same one for all processes.",
          .hint =
              "Links of a list in shared memory are numbers or offsets: each process has the "
              "memory at another address.",
          .function = "dipc::FairLock::lock_shared") {
  explain_calls();
  check_histories(
      kLockProbe, kInOrder, [](std::mt19937_64& random) { return queue(random, "processes"); },
      judge_order, kEffortInOrder);
}

constexpr int kStream = 4;  // so many turns of each of the two that form a stream

// A reads, B waits to write, and C and D come again and again to read: each goes only when the
// other is in or waits, so that there is always a reader, if the lock lets them in.
Scenario stream_of_readers() {
  Scenario scenario{{"threads"}, {}};
  scenario.threads = {{shared("A"), after("A", "B"), watch("A", "C", 1), release("A")},
                      {watch("B", "A", 1), exclusive("B"), release("B")},
                      {after("C", "B")},
                      {watch("D", "C", 1)}};
  for (int i = 1; i <= kStream; ++i) {
    for (const Call& call : {shared("C"), watch("C", "D", i), release("C")})
      scenario.threads[2].push_back(call);
    for (const Call& call : {shared("D"), watch("D", "C", i + 1), release("D")})
      scenario.threads[3].push_back(call);
  }
  scenario.threads[2].push_back(shared("C"));  // for D to see
  scenario.threads[2].push_back(release("C"));
  return scenario;
}

// A writes, B waits to read, and C and D come again and again to write: each gives the lock back
// only when the other one waits.
Scenario stream_of_writers() {
  Scenario scenario{{"threads"}, {}};
  scenario.threads = {
      {exclusive("A"), after("A", "B"), after("A", "C"), after("A", "D"), release("A")},
      {watch("B", "A", 1), shared("B"), release("B")},
      {after("C", "B")},
      {after("D", "C")}};
  for (int i = 1; i <= kStream; ++i) {
    for (const Call& call : {exclusive("C"), after("C", "D", i), release("C")})
      scenario.threads[2].push_back(call);
    scenario.threads[3].push_back(exclusive("D"));
    if (i < kStream) scenario.threads[3].push_back(after("D", "C", i + 1));
    scenario.threads[3].push_back(release("D"));
  }
  return scenario;
}

// A bound that is measured: not "it took too long", but how many went past.
void require_no_starvation(const Scenario& scenario, const std::string& who,
                           const std::string& stream) {
  for (const History& history : run_probe(kLockProbe, scenario, 3)) {
    const std::optional<Overtaken> found = find_overtaken(history);
    if (found) {
      add_evidence(varies("The calls:\n" + render(history)));
      const bool is_starved = found->count * 2 >= found->later;
      fail(std::string("nobody who comes later goes in before ") + who +
               ": the bound on overtaking is 0",
           (is_starved ? who + " starves under a stream of " + stream + ". " : "") +
               varies(found->what),
           is_starved ? Status::kStarved : Status::kFailed);
    }
    if (const auto wrong = judge_apart(history))
      fail("everybody gets in", varies(*wrong + "\n" + render(history)));
  }
}

KIT_CHECK(Lock, StarvesNoWriter,
          .why =
              "If readers may always join those who read, and one of them is always there, a "
              "writer waits for ever. On a busy server one always is.",
          .hint =
              "A reader that comes after a waiting writer waits behind it, though it could read "
              "with the others.",
          .function = "dipc::FairLock::lock_shared") {
  explain_calls();
  require_no_starvation(stream_of_readers(), "the writer", "readers");
}

KIT_CHECK(Lock, StarvesNoReader,
          .why =
              "The cure for starving writers, to let a waiting writer in first, starves the "
              "readers when writers keep coming.",
          .hint = "Neither kind comes first: who came first does.",
          .function = "dipc::FairLock::lock_exclusive") {
  explain_calls();
  require_no_starvation(stream_of_writers(), "the reader", "writers");
}

// B dies in `calls`; the others get in within the bound.
void require_freed(const char* kind, std::vector<Call> last_of_b) {
  Scenario scenario{{kind}, {}};
  last_of_b.insert(last_of_b.begin(), {watch("B", "A", 1)});
  constexpr int kMs = 3000;
  scenario.threads = {
      {shared("A", kMs), release("A"), {"A.stay", {"20"}}, exclusive("A", kMs), release("A")},
      last_of_b,
      {watch("C", "B", 1), shared("C", kMs), release("C")}};
  for (const History& history : run_probe(kLockProbe, scenario, 3)) {
    if (const auto wrong = find_not_locked(history))
      fail("everybody else gets in", varies(*wrong + "\n" + render(history)));
    const std::int64_t bound_ms = 100 + static_cast<std::int64_t>(1500 * slowness());
    for (const Turn& turn : turns_of(history)) {
      const std::int64_t took_ms = turn.who == "B" ? 0 : (turn.had_ns - turn.asked_ns) / 1'000'000;
      require(took_ms <= bound_ms,
              "the dead one is taken out of the queue within kDeathCheckMs, 100 ms",
              name_of(turn) + " waited " + varies(std::to_string(took_ms)) + " ms");
    }
  }
}

constexpr char kWhyDeath[] =
    "A process that is killed cannot give its lock back. If nobody notices, the mailbox is locked "
    "until the machine is restarted.";

KIT_CHECK(Lock, IsFreedWhenItsWriterDies, .why = kWhyDeath,
          .hint =
              "A robust mutex (pthread_mutexattr_setrobust(3)) that each one holds for as long as "
              "it stands in the queue tells the others, by EOWNERDEAD, that it is dead.",
          .function = "dipc::FairLock::lock_exclusive") {
  explain_calls();
  require_freed("processes", {exclusive("B"), {"B.stay", {"30"}}, {"B.die", {}}});
  forget_did();
  require_freed("threads", {exclusive("B"), {"B.stay", {"30"}}, {"B.leave", {}}});
}

KIT_CHECK(Lock, IsFreedWhenItsReaderDies, .why = kWhyDeath,
          .hint =
              "Each reader needs a place of its own: a mere count of readers does not tell who of "
              "them has died.",
          .function = "dipc::FairLock::lock_exclusive") {
  explain_calls();
  require_freed("processes", {shared("B"), {"B.stay", {"30"}}, {"B.die", {}}});
}

// Killed at a random moment, in the middle of whatever it was doing.
Scenario death(std::mt19937_64& random) {
  Scenario scenario{{"processes"}, {{}, {{"B.storm", {std::to_string(1 + random() % 3000)}}}, {}}};
  for (int i = 0; i < 12; ++i) {
    for (const Call& call : {exclusive("A"), Call{"A.write", {"A"}}, release("A")})
      scenario.threads[0].push_back(call);
    for (const Call& call : {shared("C"), Call{"C.read", {}}, release("C")})
      scenario.threads[2].push_back(call);
  }
  return scenario;
}

// Here each step of each of them is tried. What a killed writer leaves in the block is torn by
// right, so nobody looks at it.
void explore_deaths() {
  const auto make = [](std::mt19937_64& random) {
    Scenario scenario{{"processes"}, {}};
    for (const std::string who : {"A", "B", "C"}) {
      const bool is_writer = who == "A" || random() % 2 == 0;
      const Call come = is_writer ? exclusive(who) : shared(who);
      scenario.threads.push_back({come, release(who), come, release(who)});
    }
    return scenario;
  };
  check_histories(
      kLockProbe, "whoever of them is killed, everybody else goes on", make,
      [](const History& history) -> std::optional<Flaw> {
        if (const auto wrong = judge_apart(history)) return Flaw(*wrong);
        return std::nullopt;
      },
      CheckOptions{.has_deaths = true, .scenarios = 3, .schedules = 150});
}

KIT_CHECK(Lock, SurvivesADeathAtAnyMoment, .why = kWhyDeath,
          .hint =
              "The mutex of the queue is robust too. Change the queue so that it is whole after "
              "each single store, or repair it when you are told EOWNERDEAD.",
          .function = "dipc::FairLock::lock_exclusive") {
  if (is_explored()) return explore_deaths();
  for (int round = 0; round < 12; ++round) {
    forget_did();
    const History history = run_probe(kLockProbe, death(random()), 2).back();
    if (const auto wrong = judge_apart(history))
      fail("everybody else goes on", varies(*wrong + "\n" + render(history)));
  }
}

}  // namespace
}  // namespace kit::dipc_lab
