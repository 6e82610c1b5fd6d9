// Step 3: content, and the pool of workers.
#include <optional>
#include <string>

#include "grader/harness/check.h"
#include "grader/harness/probe_run.h"
#include "grader/harness/rounds.h"
#include "grader/proxy_cache/few_histories.h"

namespace kit::proxy_cache_lab {
namespace {

constexpr char kContent[] = "content_probe";
constexpr char kWorkers[] = "workers_probe";

constexpr char kReadAt[] = "proxy_cache::FileContent::read_at";

bool is_explored() { return config().mode == Mode::kExplore; }

void explain_content_calls() {
  add_evidence(
      "In the calls above, of a FileContent with so many bytes as are named first,\n"
      "  read(offset, n)       is read_at() with room for n bytes; each byte is looked at\n"
      "  read_all(offset, n)   is read_at() from there to the end, n bytes at a time\n"
      "  offset                is the descriptor's own offset, which was 3 in the beginning\n"
      "  no_file               is a FileContent of a pipe\n");
}

void explain_worker_calls() {
  add_evidence(
      "The calls above are on a WorkerPool of so many threads and so much room:\n"
      "  together(n)   submits n items, and each is done only when all n are being worked on\n"
      "  flow(n)       submits 1 to n, and shows in which order they were begun\n"
      "  stop_busy     one item is being worked on: stop() is called with much time, and the item\n"
      "                is done when stop() waits\n"
      "  stop_late     the same without any time, and the item is done when it is aborted\n"
      "  construct(threads, room)   makes another pool\n");
}

KIT_CHECK(Content, IsReadFromAnyOffset, .why = "A file is sent piece by piece, by many at once.",
          .hint =
              "pread(2) reads from an offset that you give, and leaves the descriptor's own where "
              "it is. At the end it returns 0.",
          .function = kReadAt) {
  explain_content_calls();
  require_results(kContent, {"1000"},
                  {{{"size", {}}, "1000"},
                   {{"read", {"0", "10"}}, "10 bytes"},
                   {{"read", {"990", "10"}}, "10 bytes"},
                   {{"read", {"5", "700"}}, "700 bytes"},
                   {{"read", {"990", "100"}}, "10 bytes"},
                   {{"read", {"1000", "10"}}, "0 bytes"},
                   {{"read", {"5000", "10"}}, "0 bytes"},
                   {{"read_all", {"0", "64"}}, "1000 bytes"},
                   {{"offset", {}}, "3"},
                   {{"no_file", {}}, "system_error"}});
}

KIT_CHECK(Content, MayBeReadByManyAtOnce,
          .why =
              "Two requests of one file share its descriptor. If one moves the offset between the "
              "other one's lseek(2) and read(2), that one reads from a wrong place.",
          .hint = "pread(2) is one call: nobody can come in between.", .function = kReadAt) {
  explain_content_calls();
  const auto make = [](std::mt19937_64& random) {
    Scenario scenario{{"40"}, {}};
    const int threads = is_explored() ? 2 : 4;
    for (int thread = 0; thread < threads; ++thread) {
      const int step = 7 + static_cast<int>(random() % 9);
      scenario.threads.push_back({{"read_all", {std::to_string(thread), std::to_string(step)}}});
    }
    return scenario;
  };
  const auto judge = [](const History& history) -> std::optional<Flaw> {
    for (const Operation& operation : history) {
      const std::string expected = std::to_string(40 - operation.thread) + " bytes";
      // A scenario that was shrunk has other threads.
      const bool is_right =
          operation.result == expected || operation.args.at(0) != std::to_string(operation.thread);
      if (operation.result.find("wrong") != std::string::npos || !is_right)
        return Flaw(render(operation));
    }
    return std::nullopt;
  };
  const CheckOptions options = effort(3, 60);
  check_histories(kContent, "each reader gets the bytes from where it asked", make, judge, options);
}

KIT_CHECK(
    Workers, WorkAtOnce,
    .why = "One slow client must not make all others wait: that is what the other workers are for.",
    .hint =
        "Each worker takes an item from the queue and works on it with no lock held. The "
        "constructor starts all threads.",
    .function = "proxy_cache::WorkerPool<proxy_cache::Command>::run") {
  explain_worker_calls();
  require_results(kWorkers, {"4", "8"}, {{{"together", {"4"}}, "4 at once"}});
  require_results(kWorkers, {"1", "8"}, {{{"together", {"1"}}, "1 at once"}});
}

KIT_CHECK(Workers, BeginInTheOrderOfArrival, .why = "Nobody who came later may be served first.",
          .hint = "One queue, first in, first out, from which all workers take.",
          .function = "proxy_cache::WorkerPool<proxy_cache::Command>::submit") {
  explain_worker_calls();
  const std::string in_order = "1 2 3 4 5 6 7 8 9 10 11 12";
  require_results(kWorkers, {"1", "20"}, {{{"flow", {"12"}}, in_order}});
  did("with room for two items in the queue");
  require_results(kWorkers, {"1", "2"}, {{{"flow", {"12"}}, in_order}});
}

KIT_CHECK(Workers, RefuseZero,
          .why = "A pool without threads does nothing, and a queue without room takes nothing.",
          .hint = "Throw std::invalid_argument from the constructor, before any thread is started.",
          .function = "proxy_cache::WorkerPool<proxy_cache::Command>::WorkerPool") {
  explain_worker_calls();
  const History history = run_once(kWorkers, sequence({"1", "1"}, {{"construct", {"0", "4"}},
                                                                   {"construct", {"4", "0"}},
                                                                   {"construct", {"2", "2"}}}));
  for (std::size_t i = 0; i < 2; ++i) {
    require(history[i].result.find("invalid_argument") != std::string::npos,
            std::string(i == 0 ? "no threads" : "no capacity") + ": std::invalid_argument",
            history[i].result);
  }
  require_equal("two of each", history[2].result, "made");
}

KIT_CHECK(Workers, MayFinishTheirWork, .why = "Who is nearly done should get the rest of the file.",
          .hint =
              "stop() waits until no worker is busy, or the deadline has passed, and only then "
              "aborts.",
          .function = "proxy_cache::WorkerPool<proxy_cache::Command>::stop") {
  explain_worker_calls();
  require_results(kWorkers, {"1", "8"}, {{{"stop_busy", {}}, "stop() waited for it"}});
}

KIT_CHECK(
    Workers, AreAbortedAtTheDeadline,
    .why =
        "The end of the program does not wait for a slow client, nor for what has not been "
        "begun.",
    .hint =
        "After the deadline, call `abort` for every item that a worker is busy with. Those in "
        "the queue are dropped.",
    .function = "proxy_cache::WorkerPool<proxy_cache::Command>::stop") {
  explain_worker_calls();
  require_results(kWorkers, {"1", "8"}, {{{"stop_late", {}}, "done 1, aborted 1"}});
}

KIT_CHECK(
    Workers, StopAtAnyMoment,
    .why = "The signal to end comes when it comes: while items are submitted, begun and done.",
    .hint =
        "Who waits in the queue must be woken, on both sides. What two threads use is used "
        "under the lock.",
    .function = "proxy_cache::WorkerPool<proxy_cache::Command>::stop") {
  explain_worker_calls();
  const auto make = [](std::mt19937_64& random) {
    const std::uint64_t us = is_explored() ? 0 : random() % 4 * 100;
    Scenario scenario{{"2", "1", "stop", std::to_string(us)}, {}};
    for (int thread = 0; thread < 2; ++thread) {
      std::vector<Call>& calls = scenario.threads.emplace_back();
      const int count = is_explored() ? 1 + static_cast<int>(random() % 2) : 10;
      for (int i = 1; i <= count; ++i) calls.push_back({"submit", {std::to_string(i)}});
    }
    return scenario;
  };
  const CheckOptions options = effort(4, 120);
  check_histories(
      kWorkers, "all calls return, and the pool ends", make,
      [](const History&) -> std::optional<Flaw> { return std::nullopt; }, options);
}

}  // namespace
}  // namespace kit::proxy_cache_lab
