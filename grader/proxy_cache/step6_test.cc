// Step 6: the store, and one fetch for many, by themselves.
#include <optional>
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/probe_run.h"
#include "grader/harness/rounds.h"
#include "grader/proxy_cache/few_histories.h"

namespace kit::proxy_cache_lab {
namespace {

constexpr char kStore[] = "store_probe";
constexpr char kFlight[] = "flight_probe";

constexpr char kInsert[] = "proxy_cache::LruStore::insert";
constexpr char kFind[] = "proxy_cache::LruStore::find";

bool is_explored() { return config().mode == Mode::kExplore; }

Call insert(const std::string& key, int bytes) { return {"insert", {key, std::to_string(bytes)}}; }
Call find(const std::string& key) { return {"find", {key}}; }
const Call kBytes = {"bytes", {}};

void explain_store_calls() {
  add_evidence(
      "The calls above are on an LruStore with the budget that is named first: insert(key, "
      "bytes),\n"
      "find(key), bytes() is the sum, room(n) is has_room_for().\n");
}

void explain_flight_calls() {
  add_evidence(
      "In the calls above, run(key) is run() with work that makes a number, that of the flight, "
      "and\n"
      "fail(key) with work that throws. When a number stands behind \"made with\", the first work\n"
      "goes on until so many others wait for it.\n");
}

KIT_CHECK(Store, KeepsWhatItIsGiven,
          .why = "What the origin has sent once need not be fetched again.",
          .hint = "A map from the key to its place in a list; insert() replaces what the key had.",
          .function = kInsert) {
  explain_store_calls();
  require_results(kStore, {"1000"},
                  {{find("a"), "(none)"},
                   {insert("a", 300), "kept"},
                   {insert("b", 0), "kept"},
                   {find("a"), "300 bytes"},
                   {find("b"), "0 bytes"},
                   {kBytes, "300"},
                   {insert("a", 200), "kept"},
                   {find("a"), "200 bytes"},
                   {kBytes, "200"}});
}

KIT_CHECK(
    Store, StaysWithinItsBudget,
    .why = "Memory is what the budget is about: a store that grows for ever ends the program.",
    .hint =
        "After each insert(), drop until all is within the budget. What does not fit at all is "
        "refused, and changes nothing.",
    .function = kInsert) {
  explain_store_calls();
  require_results(kStore, {"1000"},
                  {{{"room", {"1000"}}, "yes"},
                   {{"room", {"1001"}}, "no"},
                   {insert("a", 400), "kept"},
                   {insert("b", 600), "kept"},
                   {kBytes, "1000"},
                   {insert("c", 1001), "refused"},
                   {kBytes, "1000"},
                   {insert("d", 1), "kept"},
                   {kBytes, "601"},
                   {insert("e", 1000), "kept"},
                   {kBytes, "1000"},
                   {find("e"), "1000 bytes"},
                   {find("b"), "(none)"}});
  forget_did();
  require_results(kStore, {"0"},
                  {{insert("a", 1), "refused"}, {insert("b", 0), "kept"}, {kBytes, "0"}});
}

KIT_CHECK(
    Store, DropsWhatWasNotUsed,
    .why = "What was asked for a moment ago will be asked for again; what nobody wants may go.",
    .hint = "find() moves the entry to the front, insert() puts it there; drop from the end.",
    .function = kFind) {
  explain_store_calls();
  require_results(kStore, {"300"},
                  {{insert("a", 100), "kept"},
                   {insert("b", 100), "kept"},
                   {insert("c", 100), "kept"},
                   {find("a"), "100 bytes"},
                   {insert("d", 100), "kept"},
                   {find("b"), "(none)"},
                   {find("a"), "100 bytes"},
                   {find("c"), "100 bytes"},
                   {insert("d", 50), "kept"},
                   {insert("e", 150), "kept"},
                   {find("a"), "(none)"},
                   {find("c"), "100 bytes"},
                   {find("d"), "50 bytes"},
                   {find("e"), "150 bytes"}});
}

KIT_CHECK(Store, MayBeUsedByManyAtOnce, .why = "All workers of the cache use it at the same time.",
          .hint = "One mutex for the list, the map and the sum. find() changes the order, too.",
          .function = kFind) {
  explain_store_calls();
  const auto make = [](std::mt19937_64& random) {
    Scenario scenario{{"20"}, {}};
    const int threads = is_explored() ? 2 : 4;
    for (int thread = 0; thread < threads; ++thread) {
      std::vector<Call>& calls = scenario.threads.emplace_back();
      for (int i = 0; i < (is_explored() ? 2 : 8); ++i) {
        const std::string key(1, static_cast<char>('a' + random() % 3));
        calls.push_back(random() % 2 == 0 ? insert(key, 10) : find(key));
      }
      calls.push_back(kBytes);
    }
    return scenario;
  };
  const auto judge = [](const History& history) -> std::optional<Flaw> {
    for (const Operation& operation : history) {
      const std::string& result = operation.result;
      const bool is_right = operation.call == "insert" ? result == "kept"
                            : operation.call == "find" ? result == "(none)" || result == "10 bytes"
                                                       : std::stoul(result) <= 20;
      if (!is_right) return Flaw(render(operation));
    }
    return std::nullopt;
  };
  const CheckOptions options = effort(3, 60);
  check_histories(kStore, "each call gives what it should, and the budget holds", make, judge,
                  options);
}

// Nobody gets what was made before it came.
std::optional<Flaw> judge_fresh(const History& history) {
  for (const Operation& done : history) {
    if (done.result.rfind("did flight", 0) != 0) continue;
    const std::string flight = done.result.substr(4);
    for (const Operation& got : history) {
      if (&got == &done || got.result.find(flight) == std::string::npos) continue;
      if (got.result.rfind("did", 0) == 0) return Flaw("two have done " + flight);
      if (got.begin_ns > done.end_ns)
        return Flaw(render(got) + ", which had ended before that call began");
    }
  }
  for (const Operation& operation : history) {
    if (operation.result.find("flight") == std::string::npos) return Flaw(render(operation));
  }
  return std::nullopt;
}

KIT_CHECK(
    Flight, IsOneForAll,
    .why = "When a thousand ask for a file that is not there yet, the origin should hear of one.",
    .hint =
        "Under one lock: is somebody at it already? Then wait for its result. If not, be the "
        "one; the work itself is done without the lock.",
    .function = "proxy_cache::SingleFlight<int>::run") {
  explain_flight_calls();
  if (!is_explored()) {
    Scenario scenario{{"4"}, {}};
    for (int thread = 0; thread < 5; ++thread) scenario.threads.push_back({{"run", {"a"}}});
    int did_it = 0;
    for (const Operation& operation : run_once(kFlight, scenario)) {
      did_it += operation.result == "did flight 1";
      require(operation.result == "did flight 1" || operation.result == "got flight 1",
              "five who come while one works get the result of that one", operation.result);
    }
    require_equal("so many have worked", std::to_string(did_it), "1");
    forget_did();
    require_results(kFlight, {},
                    {{{"run", {"a"}}, "did flight 1"}, {{"run", {"a"}}, "did flight 2"}});
    forget_did();
  }
  const CheckOptions options = effort(3, 100);
  check_histories(
      kFlight, "who comes while one works gets its result, who comes later begins anew",
      [](std::mt19937_64&) {
        Scenario scenario{{}, {}};
        const int threads = is_explored() ? 2 : 4;
        for (int thread = 0; thread < threads; ++thread)
          scenario.threads.push_back({{"run", {"a"}}, {"run", {"a"}}});
        return scenario;
      },
      judge_fresh, options);
}

KIT_CHECK(Flight, MayFail, .why = "If the one who works throws, the others must not wait for ever.",
          .hint = "Catch it, let the flight land with null, wake the others, and throw it on.",
          .function = "proxy_cache::SingleFlight<int>::run") {
  explain_flight_calls();
  Scenario scenario{{"3"}, {}};
  for (int thread = 0; thread < 4; ++thread) scenario.threads.push_back({{"fail", {"a"}}});
  int threw = 0;
  for (const Operation& operation : run_once(kFlight, scenario)) {
    threw += operation.result == "threw";
    require(operation.result == "threw" || operation.result == "null",
            "one throws, and those who waited for it get null", operation.result);
  }
  require_equal("so many have thrown", std::to_string(threw), "1");
  require_results(kFlight, {}, {{{"fail", {"a"}}, "threw"}, {{"run", {"a"}}, "did flight 2"}});
}

}  // namespace
}  // namespace kit::proxy_cache_lab
