// Step 3: the bounded queue and the pool, by themselves.
#include <optional>
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/linearize.h"
#include "grader/harness/probe_run.h"
#include "grader/harness/rounds.h"
#include "grader/proxy/queue_model.h"

namespace kit::proxy_lab {
namespace {

constexpr char kQueue[] = "queue_probe";
constexpr char kPool[] = "pool_probe";

// The queue is a template: this is the one that the probe has.
std::string queue_function(const std::string& name) {
  return "proxy::BoundedQueue<std::__cxx11::basic_string<char, std::char_traits<char>, "
         "std::allocator<char> > >::" +
         name;
}

Call push(const std::string& item) { return {"push", {item}}; }
Call pop() { return {"pop", {}}; }

KIT_CHECK(Queue, IsFirstInFirstOut, .why = "Who has waited longest is served next.",
          .hint = "push() adds at one end, pop() takes from the other one.",
          .function = queue_function("pop")) {
  require_results(kQueue, {"4"},
                  {{push("a"), "in"},
                   {push("b"), "in"},
                   {pop(), "a"},
                   {push("c"), "in"},
                   {push("d"), "in"},
                   {push("e"), "in"},
                   {pop(), "b"},
                   {pop(), "c"},
                   {pop(), "d"},
                   {pop(), "e"}});
}

KIT_CHECK(Queue, RefusesCapacityZero,
          .why = "Nothing could ever get into it, and who tries would wait for ever.",
          .hint = "Throw std::invalid_argument from the constructor.",
          .function = queue_function("BoundedQueue")) {
  const History history =
      run_once(kQueue, sequence({"1"}, {{"construct", {"0"}}, {"construct", {"1"}}}));
  const std::string& zero = history[0].result;
  require(zero.find("threw") == 0 && zero.find("invalid_argument") != std::string::npos,
          "BoundedQueue(0) throws std::invalid_argument", zero);
  require_equal("BoundedQueue(1)", history[1].result, "made");
}

KIT_CHECK(
    Queue, TakesNothingWhenClosed, .why = "What comes in after the end, nobody would take out.",
    .hint = "push() looks whether the queue is closed, under the lock, and then returns false.",
    .function = queue_function("push")) {
  require_results(kQueue, {"2"},
                  {{push("a"), "in"},
                   {pop(), "a"},
                   {{"close", {}}, "done"},
                   {push("b"), "closed"},
                   {pop(), "end"}});
}

KIT_CHECK(
    Queue, HandsOutWhatIsLeft,
    .why = "close() ends the coming in. What is in the queue belongs to somebody who waits for it.",
    .hint = "pop() returns std::nullopt when the queue is closed and empty, not when it is closed.",
    .function = queue_function("pop")) {
  require_results(kQueue, {"3"},
                  {{push("a"), "in"},
                   {push("b"), "in"},
                   {push("c"), "in"},
                   {{"close", {}}, "done"},
                   {{"close", {}}, "done"},
                   {pop(), "a"},
                   {pop(), "b"},
                   {pop(), "c"},
                   {pop(), "end"},
                   {pop(), "end"}});
}

// One thread more closes the queue at some time, so every call returns in the end.
Words closed_sometime(std::size_t capacity, std::mt19937_64& random) {
  const std::uint64_t us = config().mode == Mode::kExplore ? 0 : random() % 4 * 100;
  return {std::to_string(capacity), "close", std::to_string(us)};
}

void check_order(const std::string& expected, std::size_t capacity, const MakeScenario& make) {
  check_histories(
      kQueue, expected, make, [capacity](const History& history) -> std::optional<Flaw> {
        const LinearizeResult result = check_linearizable(history, QueueModel(capacity));
        if (result.verdict != LinearizeResult::Verdict::kNotLinearizable) return std::nullopt;
        return Flaw(explain(history, result));
      });
}

KIT_CHECK(Queue, LooksAtomicFromManyThreads,
          .why =
              "The boss puts in, and up to two hundred workers take out. No request may be lost, "
              "or be given to "
              "two of them, or overtake another one; and never are there more than the capacity.",
          .hint =
              "To look and to take is one step, under one lock. After wait() look again: a "
              "condition variable "
              "may wake without a reason, and somebody else may have been quicker.",
          .function = queue_function("pop")) {
  constexpr std::size_t kCapacity = 2;
  check_order("some order of the calls, one after the other, gives these results", kCapacity,
              [](std::mt19937_64& random) {
                const bool is_explored = config().mode == Mode::kExplore;
                Scenario scenario{closed_sometime(kCapacity, random), {}};
                const std::size_t threads = is_explored ? 3 : 4 + random() % 3;
                for (std::size_t thread = 0; thread < threads; ++thread) {
                  std::vector<Call>& calls = scenario.threads.emplace_back();
                  const std::size_t count = is_explored ? 2 : 4;
                  for (std::size_t i = 0; i < count; ++i) {
                    const std::string item =
                        std::string(1, static_cast<char>('a' + thread)) + std::to_string(i);
                    calls.push_back(thread % 2 == 0 ? push(item) : pop());
                  }
                }
                return scenario;
              });
}

KIT_CHECK(Queue, WakesEverybodyAtTheEnd,
          .why = "A worker that is not woken at the end keeps the program from ending.",
          .hint =
              "close() wakes all who wait, on both sides: notify_all(). And closed_ is set under "
              "the lock, or "
              "somebody may just have looked and be about to wait.",
          .function = queue_function("close")) {
  check_order("all calls return when the queue is closed", 1, [](std::mt19937_64& random) {
    Scenario scenario{closed_sometime(1, random), {}};
    const bool are_pushing = random() % 2 == 0;
    for (int thread = 0; thread < 3; ++thread) {
      const Call call = are_pushing ? push(std::to_string(thread)) : pop();
      scenario.threads.push_back({call, call});
    }
    return scenario;
  });
}

KIT_CHECK(
    Queue, LosesNoWakeUp,
    .why = "A request that lies in the queue while a worker sleeps waits for the next one to come.",
    .hint =
        "Each push() wakes one who waits for an item, each pop() one who waits for room; with a "
        "condition "
        "variable for each side, so that the right one is woken.",
    .function = queue_function("push")) {
  const auto make = [](std::mt19937_64& random) {
    // Two more threads push two items each. When all four are taken out, the queue is closed.
    Scenario scenario{{std::to_string(1 + random() % 2), "feed", "2", "2"}, {}};
    const std::size_t threads = 2 + random() % 2;
    for (std::size_t thread = 0; thread < threads; ++thread)
      scenario.threads.push_back({pop(), pop()});
    return scenario;
  };
  const auto judge = [](const History& history) -> std::optional<Flaw> {
    std::vector<std::string> seen;
    for (const Operation& operation : history) {
      if (operation.result == "end") continue;
      for (const std::string& other : seen) {
        if (other == operation.result) return Flaw("item " + other + " was taken out twice");
      }
      seen.push_back(operation.result);
    }
    return std::nullopt;
  };
  check_histories(kQueue, "all items are taken out, and nobody waits while there are some", make,
                  judge);
}

KIT_CHECK(
    Pool, WorkersWorkAtOnce,
    .why = "One slow origin must not make everybody wait: that is what the other workers are for.",
    .hint =
        "Each worker takes a request from the queue and answers it with no lock held. The "
        "constructor "
        "starts all threads.",
    .function = "proxy::WorkerPool::work") {
  require_results(kPool, {"4", "8"}, {{{"together", {"4"}}, "4 at once"}});
  require_results(kPool, {"1", "8"}, {{{"together", {"1"}}, "1 at once"}});
}

KIT_CHECK(Pool, AnswersInTheOrderOfArrival,
          .why =
              "Nobody who came later may be served first, or somebody waits for ever when there is "
              "much to do.",
          .hint = "One queue, first in, first out, from which all workers take.",
          .function = "proxy::WorkerPool::submit") {
  require_results(kPool, {"1", "20"}, {{{"flow", {"12"}}, "1 2 3 4 5 6 7 8 9 10 11 12"}});
  did("with room for two requests in the queue");
  require_results(kPool, {"1", "2"}, {{{"flow", {"12"}}, "1 2 3 4 5 6 7 8 9 10 11 12"}});
}

KIT_CHECK(
    Pool, AnswersEachRequestOnce,
    .why = "A request that is lost is a client that waits; one that is answered twice is a crash.",
    .hint =
        "What a worker takes out of the queue is its own. submit() waits while the queue is full.",
    .function = "proxy::WorkerPool::work") {
  const History history = run_once(kPool, sequence({"6", "3"}, {{"flow", {"40"}}}));
  std::vector<int> times(41);
  std::string number;
  for (const char c : history[0].result + ' ') {
    if ('0' <= c && c <= '9') {
      number += c;
    } else if (!number.empty()) {
      ++times.at(static_cast<std::size_t>(std::stoi(number)));
      number.clear();
    }
  }
  for (int i = 1; i <= 40; ++i) {
    require(times[static_cast<std::size_t>(i)] == 1, "each of 40 requests is begun once",
            "number " + varies(std::to_string(i)) + " was begun " +
                varies(std::to_string(times[static_cast<std::size_t>(i)])) + " times");
  }
}

KIT_CHECK(
    Pool, GivesEachWorkerItsOwnHandler,
    .why = "A handler has an easy handle of libcurl's, which is for one thread at a time.",
    .hint = "Call make_handler() once for each worker. A copy of a handler shares what is in it.",
    .function = "proxy::WorkerPool::WorkerPool") {
  require_results(kPool, {"3", "8"},
                  {{{"together", {"3"}}, "3 at once"}, {{"handlers", {}}, "3, one thread each"}});
}

KIT_CHECK(Pool, RefusesZero,
          .why = "A pool without threads answers nothing, and a queue without room takes nothing.",
          .hint = "Throw std::invalid_argument from the constructor, before any thread is started.",
          .function = "proxy::WorkerPool::WorkerPool") {
  const History history = run_once(kPool, sequence({"1", "1"}, {{"construct", {"0", "4"}},
                                                                {"construct", {"4", "0"}},
                                                                {"construct", {"2", "2"}}}));
  for (int i = 0; i < 2; ++i) {
    const std::string& result = history[static_cast<std::size_t>(i)].result;
    require(result.find("threw") == 0 && result.find("invalid_argument") != std::string::npos,
            std::string(i == 0 ? "no threads" : "no capacity") + ": std::invalid_argument", result);
  }
  require_equal("two of each", history[2].result, "made");
}

KIT_CHECK(
    Pool, WaitsForThoseAtWork, .why = "Whoever is nearly done should get the rest of the file.",
    .hint =
        "stop() waits until no worker is busy, or the deadline has passed, and only then aborts.",
    .function = "proxy::WorkerPool::stop") {
  require_results(kPool, {"1", "8"}, {{{"stop_busy", {}}, "stop() waited for it"}});
}

KIT_CHECK(
    Pool, AbortsWhatTakesTooLong,
    .why =
        "The end of the program does not wait for a slow origin, nor for what has not been begun.",
    .hint =
        "After the deadline, abort() every request that a worker is busy with. Those in the queue "
        "are "
        "dropped: a worker that takes one out while the pool is being stopped does not begin it.",
    .function = "proxy::WorkerPool::stop") {
  require_results(kPool, {"1", "8"}, {{{"stop_late", {}}, "answered 1, aborted 1"}});
}

KIT_CHECK(
    Pool, StopsAtAnyMoment,
    .why =
        "The signal to end comes when it comes: while requests are submitted, begun and answered.",
    .hint =
        "Who waits in the queue must be woken, on both sides. What two threads use, a request that "
        "is "
        "being answered for example, is used under the lock.",
    .function = "proxy::WorkerPool::stop") {
  const auto make = [](std::mt19937_64& random) {
    const bool is_explored = config().mode == Mode::kExplore;
    const std::uint64_t us = is_explored ? 0 : random() % 4 * 100;
    Scenario scenario{{"2", "1", "stop", std::to_string(us)}, {}};
    for (int thread = 0; thread < 2; ++thread) {
      std::vector<Call>& calls = scenario.threads.emplace_back();
      const int count = is_explored ? 1 + static_cast<int>(random() % 2) : 10;
      for (int i = 1; i <= count; ++i) calls.push_back({"submit", {std::to_string(i)}});
    }
    return scenario;
  };
  check_histories(kPool, "all calls return, and the pool ends", make,
                  [](const History&) -> std::optional<Flaw> { return std::nullopt; });
}

}  // namespace
}  // namespace kit::proxy_lab
