// Step 1: the pool that hands out the segments.
#include <cstdint>
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/linearize.h"
#include "grader/harness/probe_run.h"
#include "grader/harness/rounds.h"
#include "grader/proxy_cache/few_histories.h"
#include "grader/proxy_cache/pool_model.h"

namespace kit::proxy_cache_lab {
namespace {

constexpr char kProbe[] = "pool_probe";
constexpr char kTake[] = "proxy_cache::SegmentPool::take";
constexpr char kGiveBack[] = "proxy_cache::SegmentPool::give_back";

// Calls of a user of the pool, and what they mean in a finding.
Call take(const std::string& who, int ms) { return {who + ".take", {std::to_string(ms)}}; }
Call wait(const std::string& who) { return {who + ".wait", {}}; }
Call give(const std::string& who) { return {who + ".give", {}}; }
Call use(const std::string& who) { return {who + ".use", {}}; }
Call end(const std::string& who) { return {who + ".end", {}}; }
Call watch(const std::string& who, int waiting) {
  return {who + ".watch", {std::to_string(waiting)}};
}
Call empty(const std::string& who) { return {who + ".empty", {}}; }

void explain_calls() {
  add_evidence(
      "In the calls above, who calls stands before the dot, and\n"
      "  take(ms)    is SegmentPool::take() with this deadline, wait() is it without one\n"
      "  give()      destroys the oldest Lease that it has; give_and_take() does, and asks again "
      "at\n"
      "              once, without waiting\n"
      "  use()       fills its segment with its letter, and looks whether it stays so: \"alone\"\n"
      "  watch(n)    goes on when waiting_count() is n, empty() when free_count() is 0\n"
      "  end()       destroys all Leases; the last one tells free_count() and waiting_count()\n");
}

bool is_explored() { return config().mode == Mode::kExplore; }

std::string letter(int thread) { return std::string(1, static_cast<char>('A' + thread)); }

KIT_CHECK(Pool, HandsOutEachSegmentOnce,
          .why = "Two requests in one segment get a mixture of both.",
          .hint =
              "All segments are free at first. take() takes one out of those that are free, and "
              "the end of its Lease puts it back.",
          .function = kTake) {
  explain_calls();
  const History history = run_once(kProbe, sequence({"3", "100", "1"}, {{"count", {}},
                                                                        take("A", 0),
                                                                        use("A"),
                                                                        wait("A"),
                                                                        use("A"),
                                                                        {"count", {}},
                                                                        take("A", 0),
                                                                        take("A", 0),
                                                                        give("A"),
                                                                        take("A", 0),
                                                                        end("A")}));
  require_equal("free_count() and waiting_count() at first", history[0].result, "3 free, 0 wait");
  require_equal("the same when two are taken", history[5].result, "1 free, 0 wait");
  for (const std::size_t i : {1u, 3u, 6u, 9u}) {
    require(history[i].result.rfind("segment", 0) == 0,
            "take() gets a segment when one is free, also when its deadline has passed",
            history[i].result);
  }
  require(history[1].result != history[3].result && history[3].result != history[6].result &&
              history[1].result != history[6].result,
          "three times take() gives three different segments",
          history[1].result + ", " + history[3].result + ", " + history[6].result);
  require_equal("take() when none is free, and its deadline has passed", history[7].result, "none");
  require_equal("free_count() and waiting_count() at the end", history[10].result,
                "3 free, 0 wait");
}

KIT_CHECK(
    Pool, TakesBackOnEveryWay,
    .why =
        "A segment that does not come back on some way out of a function is lost for ever. After "
        "as many errors as there are segments, the proxy stands still.",
    .hint = "The destructor of Lease calls give_back(): on a return, and when something is thrown.",
    .function = kGiveBack) {
  explain_calls();
  std::vector<Expected> calls;
  for (int i = 0; i < 5; ++i) calls.push_back({{"A.throw", {}}, "threw"});
  calls.push_back({{"count", {}}, "2 free, 0 wait"});
  calls.push_back({{"pool", {"4", "824"}}, "gone"});
  require_results(kProbe, {"2", "100", "1"}, calls);
}

KIT_CHECK(Pool, GivesUpAtItsDeadline,
          .why = "A request whose time has passed must not stand in the line for ever.",
          .hint = "wait_for() or wait_until() with what is left of the deadline, and std::nullopt.",
          .function = kTake) {
  explain_calls();
  constexpr int kMs = 120;
  const History history = run_once(
      kProbe, sequence({"1", "100", "1"}, {wait("A"), take("A", kMs), {"count", {}}, end("A")}));
  require_equal("take() when nobody gives back", history[1].result, "none");
  const std::int64_t took_ms = (history[1].end_ns - history[1].begin_ns) / 1'000'000;
  require(took_ms >= kMs - 1, "take() waits until its deadline",
          "it gave up after " + varies(std::to_string(took_ms)) + " ms of " + std::to_string(kMs));
  require_equal("free_count() and waiting_count() after that", history[2].result, "0 free, 0 wait");
}

KIT_CHECK(Pool, ServesWhoWaits, .why = "More requests than segments: that is what the line is for.",
          .hint =
              "take() waits on a condition variable while nothing is free; give_back() hands the "
              "segment to who waits, and wakes it.",
          .function = kGiveBack) {
  explain_calls();
  Scenario scenario{{"1", "100", "2"}, {}};
  scenario.threads = {{wait("A"), watch("A", 1), give("A"), end("A")},
                      {empty("B"), wait("B"), use("B"), give("B"), end("B")}};
  for (const Operation& operation : run_once(kProbe, scenario)) {
    if (operation.call == "A.watch")
      require_equal("waiting_count(), while B waits", operation.result, "1 waits");
    const bool is_last = operation.result.find("free") != std::string::npos;
    if (is_last) require_equal("at the end", operation.result, "1 free, 0 wait");
    if (operation.call == "B.use") require_equal("B in its segment", operation.result, "alone");
  }
}

KIT_CHECK(
    Pool, LetsNobodyPushIn,
    .why =
        "A thread that has just given its segment back is awake, and the one that waits for it is "
        "not yet. If it can take the segment again at once, the other one starves.",
    .hint =
        "give_back() hands the segment to the first of the line: it is taken out of the line "
        "there, and the segment is never free in between. Only to wake somebody is not enough.",
    .function = kGiveBack) {
  explain_calls();
  Scenario scenario{{"1", "100", "2"}, {}};
  scenario.threads = {{wait("A")}, {empty("B")}};
  constexpr int kTurns = 5;
  for (int i = 0; i < kTurns; ++i) {
    // A gives back and asks again when B is known to wait; then the other way round. In the end A
    // gives it back for good, at a time that B does not know.
    const Call give_b = i + 1 < kTurns ? Call{"B.give_and_take", {}} : give("B");
    for (const Call& call : {watch("A", 1), Call{"A.give_and_take", {}}, wait("A")})
      scenario.threads[0].push_back(call);
    for (const Call& call : {wait("B"), watch("B", 1), give_b}) scenario.threads[1].push_back(call);
  }
  scenario.threads[0].push_back(end("A"));
  scenario.threads[1].push_back(end("B"));
  for (const Operation& operation : run_once(kProbe, scenario)) {
    if (operation.call.find("watch") != std::string::npos) {
      require(operation.result == "1 waits",
              "waiting_count() is 1 while a thread waits in take(), and nobody has given back",
              varies(operation.call) + ": " + operation.result);
    }
    if (operation.call.find("give_and_take") == std::string::npos) continue;
    require(operation.result == "none",
            "when another one waits, who gives back and asks again without waiting gets nothing",
            varies(operation.call.substr(0, 1)) + " got " + operation.result + " again");
  }
}

// A has the only segment. The others come one after the other, each when those before wait.
Scenario line_up(std::mt19937_64& random) {
  const int waiters =
      is_explored() ? 2 + static_cast<int>(random() % 2) : 3 + static_cast<int>(random() % 3);
  Scenario scenario{{"1", "8", std::to_string(waiters + 1)}, {}};
  scenario.threads.push_back({wait("A"), watch("A", waiters), give("A"), end("A")});
  for (int i = 1; i <= waiters; ++i) {
    const std::string who = letter(i);
    std::vector<Call> calls;
    calls.push_back(i == 1 ? empty(who) : watch(who, i - 1));
    for (const Call& call : {wait(who), use(who), give(who), end(who)}) calls.push_back(call);
    scenario.threads.push_back(calls);
  }
  return scenario;
}

bool all_known(const History& history) {
  for (const Operation& operation : history) {
    if (operation.result == "not known") return false;
  }
  return true;
}

// Those who were known to wait come in the order of their numbers.
std::optional<Flaw> judge_order(const History& history) {
  if (!all_known(history)) return std::nullopt;
  const Operation* before = nullptr;
  for (const Operation& operation : history) {
    if (operation.call.find("use") == std::string::npos) continue;
    if (operation.result != "alone")
      return Flaw(operation.call.substr(0, 1) + " is in a segment that is " + operation.result);
    if (before != nullptr && operation.begin_ns < before->begin_ns) {
      return Flaw(operation.call.substr(0, 1) + " was served before " + before->call.substr(0, 1) +
                  ", who was known to wait before it came");
    }
    before = &operation;
  }
  return std::nullopt;
}

KIT_CHECK(Pool, ServesInOrderOfArrival,
          .why =
              "Only who is served in the order of arrival knows that its turn comes: two hundred "
              "requests may wait for one segment.",
          .hint =
              "A line: each thread that waits has a place of its own in it, with a condition "
              "variable of its own, or a number. notify_one() wakes anybody.",
          .function = kTake) {
  explain_calls();
  check_few_histories(kProbe, "who was known to wait before somebody else came is served before it",
                      line_up, judge_order, effort(3, 120));
}

// A thread that ends gives back what it has.
History with_ends(const History& history) {
  History whole;
  for (std::size_t i = 0; i < history.size(); ++i) {
    whole.push_back(history[i]);
    if (i + 1 < history.size() && history[i + 1].thread == history[i].thread) continue;
    Operation last = history[i];
    ++last.index;
    last.call = "end";
    last.args.clear();
    last.begin_ns = history[i].end_ns;
    last.end_ns = INT64_MAX;
    whole.push_back(last);
  }
  return whole;
}

std::optional<Flaw> judge_like_model(const History& calls, const PoolModel& model) {
  const History history = with_ends(calls);
  const LinearizeResult result = check_linearizable(history, model);
  if (result.verdict == LinearizeResult::Verdict::kNotLinearizable)
    return Flaw(explain(history, result));
  for (const Operation& operation : history) {
    if (operation.result.rfind("shared with", 0) == 0)
      return Flaw(operation.call.substr(0, 1) + "'s segment is " + operation.result);
  }
  return std::nullopt;
}

// And at the end, when all have given back, all of them are free.
std::optional<Flaw> judge_whole(const History& history, std::size_t segments) {
  for (const Operation& operation : history) {
    const bool is_count = operation.result.find("free") != std::string::npos;
    if (is_count && operation.result != std::to_string(segments) + " free, 0 wait")
      return Flaw("when all have given back: " + operation.result);
  }
  return judge_like_model(history, PoolModel(segments));
}

KIT_CHECK(
    Pool, GivesNothingToWhoHasLeft,
    .why =
        "A thread may give up at the very moment at which a segment is handed to it. If the "
        "segment then belongs to somebody who is gone, it is lost.",
    .hint =
        "Who wakes at its deadline looks, under the lock, whether it has got a segment all the "
        "same: then it takes it. If not, it leaves the line before it lets go of the lock.",
    .function = kTake) {
  explain_calls();
  check_histories(
      kProbe, "no segment is lost: at the end all are free",
      [](std::mt19937_64& random) {
        const int waiters = 1 + static_cast<int>(random() % 2);
        Scenario scenario{{"1", "8", std::to_string(waiters + 1)}, {}};
        scenario.threads.push_back({wait("A"), give("A"), take("A", 1), give("A"), end("A")});
        for (int i = 1; i <= waiters; ++i) {
          const std::string who = letter(i);
          const int ms = 1 + static_cast<int>(random() % 2);
          scenario.threads.push_back({take(who, ms), give(who), take(who, ms), end(who)});
        }
        return scenario;
      },
      [](const History& history) { return judge_whole(history, 1); }, effort(3, 150));
}

KIT_CHECK(Pool, KeepsThreadsApart, .why = "Two requests in one segment get a mixture of both.",
          .hint = "What is free and who waits is decided under one mutex, in one go.",
          .function = kTake) {
  explain_calls();
  check_histories(
      kProbe, "a segment is one thread's at a time, and at the end all are free",
      [](std::mt19937_64& random) {
        const int threads = is_explored() ? 3 : 4 + static_cast<int>(random() % 3);
        const int turns = is_explored() ? 2 : 4;
        Scenario scenario{{"2", "64", std::to_string(threads)}, {}};
        for (int thread = 0; thread < threads; ++thread) {
          const std::string who = letter(thread);
          std::vector<Call> calls;
          for (int turn = 0; turn < turns; ++turn) {
            for (const Call& call : {wait(who), use(who), give(who)}) calls.push_back(call);
          }
          calls.push_back(end(who));
          scenario.threads.push_back(calls);
        }
        return scenario;
      },
      [](const History& history) { return judge_whole(history, 2); }, effort(3, 120));
}

// Who was told that the pool is closed, came after close(). So did whoever comes later.
std::optional<Flaw> judge_close(const History& history) {
  for (const Operation& first : history) {
    if (first.call.find("wait") == std::string::npos || first.result != "none") continue;
    for (const Operation& later : history) {
      const bool is_wait = later.call.find("wait") != std::string::npos;
      if (is_wait && later.begin_ns > first.end_ns && later.result != "none") {
        return Flaw("after " + render(first) +
                    ", which says that the pool is closed: " + render(later));
      }
    }
  }
  return judge_like_model(history, PoolModel(1, /*may_be_closed=*/true));
}

KIT_CHECK(Pool, ClosesAtAnyMoment,
          .why =
              "The signal to end comes when it comes. A thread that waits for a segment then must "
              "not keep the proxy from ending.",
          .hint =
              "close() takes the lock, remembers it, and wakes everybody who waits. take() looks "
              "first, and again after each wait.",
          .function = "proxy_cache::SegmentPool::close") {
  explain_calls();
  require_results(kProbe, {"2", "100", "1"},
                  {{{"A.close", {}}, "closed"}, {wait("A"), "none"}, {take("A", 0), "none"}});
  did("another thread closes the pool at some time");
  check_histories(
      kProbe, "all calls return when the pool is closed, and nothing is handed out afterwards",
      [](std::mt19937_64& random) {
        const int threads = 2 + static_cast<int>(random() % 2);
        Scenario scenario{{"1", "8", std::to_string(threads), "close"}, {}};
        for (int i = 0; i < threads; ++i) {
          const std::string who = letter(i);
          scenario.threads.push_back({wait(who), wait(who), give(who), wait(who)});
        }
        return scenario;
      },
      judge_close, effort(4, 120));
}

}  // namespace
}  // namespace kit::proxy_cache_lab
