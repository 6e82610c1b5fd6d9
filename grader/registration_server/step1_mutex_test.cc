// Step 1: robust mutexes and semaphores.
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/probe_run.h"
#include "grader/harness/rounds.h"
#include "grader/registration_server/instance.h"
#include "grader/registration_server/script.h"

namespace kit::registration_lab {
namespace {

constexpr char kProbe[] = "shared_probe";

KIT_CHECK(Mutex, LetsInOneAfterTheOther, .why = "Everything else stands on this.",
          .hint = "A mutex that is free is had at once, whatever the deadline.",
          .function = "registration::MutexLock::MutexLock") {
  Script(processes())
      .then("A", "lock", {kLongMs}, "locked")
      .then("A", "add", {}, "1")
      .then("A", "unlock", {}, "unlocked")
      .then("B", "lock", {"0"}, "locked")
      .then("B", "add", {}, "2")
      .then("B", "unlock", {}, "unlocked")
      .then("A", "lock", {kLongMs}, "locked")
      .then("A", "unlock", {}, "unlocked")
      .require(kProbe);
}

KIT_CHECK(Mutex, GivesUpAtItsDeadline,
          .why = "A client whose deadline has passed tells its user so, and gets on.",
          .hint = "pthread_mutex_clocklock(3) on CLOCK_MONOTONIC; ETIMEDOUT is no lock.",
          .function = "registration::MutexLock::MutexLock") {
  Script(processes())
      .then("A", "lock", {kLongMs}, "locked")
      .then("B", "lock", {"0"}, "timeout")
      .then("B", "lock", {"150"}, "timeout")
      .then("B", "cpu", {}, "asleep")
      .then("A", "unlock", {}, "unlocked")
      .then("B", "lock", {"0"}, "locked")
      .then("B", "unlock", {}, "unlocked")
      .require(kProbe);
}

// Each adds one, some times, under the lock.
Scenario counting(std::mt19937_64& random) {
  Scenario scenario{{"processes", fresh_instance()}, {}};
  const int count = 2 + random() % 2;
  for (int i = 0; i < count; ++i) {
    const std::string who(1, static_cast<char>('A' + i));
    std::vector<Call> calls;
    for (int turn = 0; turn < 2; ++turn) {
      for (const Call& call :
           {Call{who + ".lock", {kLongMs}}, Call{who + ".add", {}}, Call{who + ".unlock", {}}})
        calls.push_back(call);
    }
    scenario.threads.push_back(calls);
  }
  return scenario;
}

// Whether each counts only while it has the mutex: who does not, counts wrong with any mutex.
bool counts_with_the_mutex(const Scenario& scenario) {
  for (const auto& calls : scenario.threads) {
    bool has_it = false;
    for (const Call& call : calls) {
      const std::string what = call.name.substr(2);
      if ((what == "lock") == has_it) return false;
      if (what == "lock" && call.args.at(0) != kLongMs) return false;
      if (what != "add") has_it = !has_it;
    }
  }
  return true;
}

// All that were locked, added a number of their own. A count that a dead one was about to write may
// be missing: the highest then comes up twice, and only once.
std::optional<Flaw> judge_counts(const History& history) {
  std::vector<int> times(history.size() + 2);
  for (const Operation& operation : history) {
    if (!operation.completed) continue;
    const std::string what = operation.call.substr(2);
    if (what == "lock" && !operation.result.starts_with("locked"))
      return Flaw("the mutex was not had: " + render(operation));
    if (what == "add") ++times.at(std::stoul(operation.result));
  }
  for (std::size_t i = 1; i < times.size(); ++i) {
    if (times[i] > 1)
      return Flaw("two have counted to " + std::to_string(i) + ": both were in at the same time");
  }
  return std::nullopt;
}

KIT_CHECK(Mutex, KeepsProcessesApart,
          .why = "It guards the one request block that all clients share.",
          .hint =
              "pthread_mutexattr_setpshared(3): a mutex that was made for one process wakes nobody "
              "in another.",
          .function = "registration::init_robust") {
  if (config().mode != Mode::kExplore) {
    Script(processes())
        .then("A", "lock", {kLongMs}, "locked")
        .meanwhile("B", "lock", {wake_ms()}, "locked")
        .when_asleep("B", "A", "unlock", {}, "unlocked")
        .then("B", "add", {}, "1")
        .then("B", "unlock", {}, "unlocked")
        .require(kProbe);
    return;
  }
  check_histories(
      kProbe, "one counts after the other, so no number comes up twice", counting, judge_counts,
      CheckOptions{.scenarios = 2, .schedules = 80, .makes_sense = counts_with_the_mutex});
}

KIT_CHECK(Mutex, TellsOfADeath,
          .why =
              "Who is killed cannot unlock. An ordinary mutex stays locked for ever; a robust one "
              "goes to the next, who is told, so that he can repair what it guards.",
          .hint =
              "pthread_mutexattr_setrobust(3); EOWNERDEAD is a lock that was had, after "
              "pthread_mutex_consistent(3).",
          .function = "registration::MutexLock::MutexLock") {
  Script(processes())
      .then("A", "lock", {kLongMs}, "locked")
      .meanwhile("B", "lock", {wake_ms()}, "locked after a death")
      .dies("A")
      .then("B", "unlock", {}, "unlocked")
      .then("C", "lock", {"0"}, "locked")
      .dies("C")
      .when_dead("C", "B", "lock", {"0"}, "locked after a death")
      .then("B", "unlock", {}, "unlocked")
      .then("B", "lock", {"0"}, "locked")
      .then("B", "unlock", {}, "unlocked")
      .require(kProbe);
}

KIT_CHECK(Mutex, TellsWhoLives,
          .why = "Who holds a mutex for as long as he lives needs no other sign of life.",
          .hint =
              "is_held() must not keep what it could have, and one that a dead owner left can be "
              "had.",
          .function = "registration::is_held") {
  Script(processes())
      .then("B", "is_held", {}, "no")
      .then("A", "try_lock", {}, "yes")
      .then("B", "is_held", {}, "yes")
      .then("B", "try_lock", {}, "no")
      .then("A", "try_unlock", {}, "done")
      .then("B", "is_held", {}, "no")
      .then("A", "try_lock", {}, "yes")
      .dies("A")
      .when_dead("A", "B", "is_held", {}, "no")
      .then("C", "is_held", {}, "no")
      .then("B", "try_lock", {}, "yes")
      .then("C", "is_held", {}, "yes")
      .then("B", "try_unlock", {}, "done")
      .require(kProbe);
}

// A death between reading the count and writing it leaves it as it was, so nothing needs repair.
KIT_CHECK(Mutex, SurvivesADeathAtAnyMoment,
          .why = "SIGKILL asks nobody whether it is a good moment.",
          .hint =
              "EOWNERDEAD may come from each of the calls that lock; and each time, "
              "pthread_mutex_consistent(3) before the unlock.",
          .function = "registration::MutexLock::MutexLock") {
  const auto make = [](std::mt19937_64&) {
    Scenario scenario{{"processes", fresh_instance()}, {}};
    for (const std::string who : {"A", "B"}) {
      std::vector<Call> calls;
      for (int turn = 0; turn < 2; ++turn) {
        for (const Call& call :
             {Call{who + ".lock", {kLongMs}}, Call{who + ".add", {}}, Call{who + ".unlock", {}}})
          calls.push_back(call);
      }
      scenario.threads.push_back(calls);
    }
    return scenario;
  };
  check_histories(kProbe, "whoever is killed, the other one goes on", make, judge_counts,
                  CheckOptions{.has_deaths = true,
                               .scenarios = 1,
                               .schedules = 150,
                               .makes_sense = counts_with_the_mutex});
}

// B waits, and A wakes it; nobody else can.
void explore_waking() {
  const auto make = [](std::mt19937_64&) {
    return Scenario{
        {"processes", fresh_instance()},
        {{{"A.post", {}}, {"A.post", {}}}, {{"B.wait", {kLongMs}}}, {{"C.wait", {kLongMs}}}}};
  };
  const auto judge = [](const History& history) -> std::optional<Flaw> {
    for (const Operation& operation : history) {
      if (operation.result == "timeout") return Flaw("a post is lost: " + render(operation));
    }
    return std::nullopt;
  };
  check_histories(kProbe, "each post wakes one who waits, or who comes later", make, judge,
                  CheckOptions{.scenarios = 1, .schedules = 80});
}

KIT_CHECK(Wakeup, WakesOtherProcesses,
          .why = "Client and server wake each other; a semaphore of one process wakes nobody else.",
          .hint = "sem_init(3) with pshared 1.", .function = "registration::init_semaphore") {
  if (config().mode == Mode::kExplore) return explore_waking();
  Script(processes())
      .meanwhile("B", "wait", {wake_ms()}, "woken")
      .when_asleep("B", "A", "post", {}, "posted")
      .then("B", "wait", {"0"}, "timeout")
      .then("A", "post", {}, "posted")
      .then("A", "post", {}, "posted")
      .then("B", "wait", {"0"}, "woken")
      .then("C", "wait", {"0"}, "woken")
      .then("C", "wait", {"0"}, "timeout")
      .require(kProbe);
}

KIT_CHECK(
    Wakeup, GivesUpAtItsDeadline,
    .why = "Nobody may wait for ever for one who is dead; nor ask over and over meanwhile.",
    .hint = "sem_clockwait(3) on CLOCK_MONOTONIC, with the moment, not the time that is left.",
    .function = "registration::wait") {
  Script(processes())
      .then("A", "wait", {"0"}, "timeout")
      .then("A", "wait", {"150"}, "timeout")
      .then("A", "cpu", {}, "asleep")
      .then("A", "post", {}, "posted")
      .then("A", "wait", {"0"}, "woken")
      .require(kProbe);
}

KIT_CHECK(Wakeup, TakesTooManyPosts,
          .why = "Anybody who takes part can post until the number is full. It must end nobody.",
          .hint = "EOVERFLOW of sem_post(3): it wakes whoever waits as it is.",
          .function = "registration::post") {
  Script(processes())
      .then("A", "overfill", {}, "posted")
      .then("B", "wait", {"0"}, "woken")
      .require(kProbe);
}

}  // namespace
}  // namespace kit::registration_lab
