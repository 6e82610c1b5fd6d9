// Step 2: names, keys and the registry.
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/linearize.h"
#include "grader/harness/probe_run.h"
#include "grader/harness/rounds.h"
#include "grader/registration_server/registry_model.h"

namespace kit::registration_lab {
namespace {

constexpr char kProbe[] = "registry_probe";

bool is_explored() { return config().mode == Mode::kExplore; }

KIT_CHECK(Names, AreChecked,
          .why =
              "A name goes into logs, lists and the names of files; what is in it was typed by "
              "anybody.",
          .hint = "1 to 32 bytes, and each a letter of ASCII, a digit, '_' or '-'.",
          .function = "registration::is_name") {
  const std::string longest(32, 'x');
  std::vector<Expected> expected;
  for (const std::string& name : {std::string("a"), std::string("Bob_the-2nd"), std::string("-"),
                                  std::string("0"), std::string("_"), longest}) {
    expected.push_back({{"is_name", {name}}, "yes"});
    expected.push_back({{"add", {name}}, "ok"});
  }
  for (const std::string& name :
       {std::string(), longest + "x", std::string("a b"), std::string("a.b"), std::string("a/b"),
        std::string("a\n"), std::string("a\0b", 3), std::string("\xc3\xa4"), std::string("a="),
        std::string("@"), std::string("["), std::string("`"), std::string("{"), std::string(":")}) {
    expected.push_back({{"is_name", {name}}, "no"});
    expected.push_back({{"add", {name}}, "bad-name"});
  }
  require_results(kProbe, {"64"}, expected);
}

KIT_CHECK(Keys, AreRead, .why = "A user types a key; one that is almost right is nobody's.",
          .hint = "Exactly 16 hexadecimal digits, small letters; strtoull(3) takes far more.",
          .function = "registration::parse_key") {
  std::vector<Expected> expected;
  for (const std::string key : {"0123456789abcdef", "fedcba9876543210", "ffffffffffffffff",
                                "0000000000000001", "a000000000000000"}) {
    expected.push_back({{"parse", {key}}, key});
  }
  for (const std::string key :
       {"", "1", "0123456789abcde", "0123456789abcdef0", "0123456789ABCDEF", "0x23456789abcdef",
        " 123456789abcdef", "+123456789abcdef", "-123456789abcdef", "0123456789abcdeg",
        "0123456789abcde ", "0000000000000000", "0123456 89abcdef"}) {
    expected.push_back({{"parse", {key}}, "no key"});
  }
  require_results(kProbe, {"1"}, expected);
}

KIT_CHECK(Keys, AreNeverTheSame,
          .why = "A key that is used again brings a message to somebody who came later.",
          .hint = "Count, and stir the count with a function that can be undone; begin at random.",
          .function = "registration::KeyMaker::next") {
  require_results(kProbe, {"1"},
                  {{{"keys", {"200000"}}, "all different"}, {{"makers", {}}, "yes"}});
}

Call with_name(const std::string& call, const std::string& name) { return {call, {name}}; }

KIT_CHECK(Registry, KnowsWhoIsThere, .why = "Everything else asks the registry.",
          .hint = "A name is free again when its client is removed; its key is nobody's then.",
          .function = "registration::Registry::add") {
  require_results(kProbe, {"8"},
                  {{with_name("find", "ann"), "nobody"},
                   {with_name("add", "ann"), "ok"},
                   {with_name("find", "ann"), "ann"},
                   {with_name("add", "ann"), "name-taken"},
                   {with_name("add", "Ann"), "ok"},
                   {with_name("add", "bob"), "ok"},
                   {with_name("remove", "ann"), "yes"},
                   {with_name("remove", "ann"), "no"},
                   {with_name("find", "ann"), "nobody"},
                   {with_name("find", "bob"), "bob"},
                   {with_name("hold", "bob"), "bob"},
                   {with_name("add", "ann"), "ok"},
                   {with_name("find", "ann"), "ann"},
                   {with_name("find_key", "0"), "nobody"}});
}

KIT_CHECK(Registry, KeepsItsLimit,
          .why = "Each client costs a thread and memory; somebody has said how many there may be.",
          .hint = "Of several reasons the first is told: the name, then who has it, then the room.",
          .function = "registration::Registry::add") {
  require_results(kProbe, {"2"},
                  {{with_name("add", "ann"), "ok"},
                   {with_name("add_seatless", "bob"), "full"},
                   {with_name("add_seatless", "b.b"), "bad-name"},
                   {with_name("add_seatless", "ann"), "name-taken"},
                   {with_name("add", "bob"), "ok"},
                   {with_name("add", "cid"), "full"},
                   {with_name("add", "c d"), "bad-name"},
                   {with_name("add", "ann"), "name-taken"},
                   {with_name("remove", "bob"), "yes"},
                   {with_name("add", "cid"), "ok"},
                   {with_name("add", "bob"), "full"}});
}

KIT_CHECK(Registry, CountsEveryRequest,
          .why =
              "The summary is there to be checked: what is answered is counted once, and the "
              "total is the sum.",
          .hint = "Keep what those had counted who have left, and how many they were.",
          .function = "registration::Registry::summary") {
  require_results(kProbe, {"4"},
                  {{{"summary", {}}, "; left 0 with 0; refused 0; total 0"},
                   {with_name("add", "bob"), "ok"},
                   {with_name("add", "ann"), "ok"},
                   {{"count", {"ann", "5"}}, "counted"},
                   {with_name("add", "ann"), "name-taken"},
                   {{"refuse", {}}, "counted"},
                   {{"summary", {}}, "ann=6 bob=1 ; left 0 with 0; refused 1; total 8"},
                   {{"count", {"bob", "2"}}, "counted"},
                   {with_name("remove", "ann"), "yes"},
                   {{"refuse", {}}, "counted"},
                   {{"summary", {}}, "bob=3 ; left 1 with 6; refused 2; total 11"},
                   {with_name("add", "ann"), "ok"},
                   {with_name("remove", "bob"), "yes"},
                   {with_name("remove", "bob"), "no"},
                   {{"summary", {}}, "ann=1 ; left 2 with 9; refused 2; total 12"}});
}

KIT_CHECK(Registry, LetsMembersOutliveTheirEntry,
          .why = "A worker that just looks at a client may go on doing so when it leaves.",
          .hint = "Share the member: the registry's part of it ends with remove().",
          .function = "registration::Registry::remove") {
  require_results(kProbe, {"2"},
                  {{with_name("add", "ann"), "ok"},
                   {{"count", {"ann", "2"}}, "counted"},
                   {with_name("hold", "ann"), "ann"},
                   {with_name("remove", "ann"), "yes"},
                   {{"held", {}}, "ann with 3"},
                   {with_name("add", "ann"), "ok"},
                   {{"held", {}}, "ann with 3"}});
}

// The setup is not in a history: the judge gets it from the scenario that is being run.
template <typename MakeScenario>
void check_against_model(MakeScenario make, const CheckOptions& options) {
  Words setup;
  const auto make_and_note = [&](std::mt19937_64& random) {
    Scenario scenario = make(random);
    setup = scenario.setup;
    return scenario;
  };
  const auto judge = [&](const History& history) -> std::optional<Flaw> {
    const LinearizeResult result = check_linearizable(history, RegistryModel(setup));
    if (result.verdict != LinearizeResult::Verdict::kNotLinearizable) return std::nullopt;
    return Flaw(explain(history, result));
  };
  check_histories(kProbe, "some order of the calls, one after the other, gives these results",
                  make_and_note, judge, options);
}

KIT_CHECK(Registry, GivesANameOnce, .why = "Two clients of one name get each other's messages.",
          .hint = "To look whether a name is free, and to take it, is one step under one lock.",
          .function = "registration::Registry::add") {
  const auto make = [](std::mt19937_64& random) {
    Scenario scenario{{"9"}, {}};
    const int threads = is_explored() ? 2 : 2 + random() % 3;
    for (int i = 0; i < threads; ++i)
      scenario.threads.push_back({with_name("add", "ann"), with_name("find", "ann")});
    return scenario;
  };
  check_against_model(make, CheckOptions{.scenarios = 1, .schedules = 150});
}

Call random_call(std::mt19937_64& random) {
  static const char* const kNames[] = {"ann", "bob", "cid"};
  const std::string name = kNames[random() % 3];
  switch (random() % 7) {
    case 0:
    case 1:
      return with_name("add", name);
    case 2:
    case 3:
      return with_name("remove", name);
    case 4:
      return with_name("find", name);
    case 5:
      return {"refuse", {}};
    default:
      return {"summary", {}};
  }
}

KIT_CHECK(Registry, LooksAtomicFromManyThreads,
          .why = "Each client has a worker of its own, and all of them use this registry.",
          .hint = "One lock for all of it, also for those who only look.",
          .function = "registration::Registry::add") {
  const auto make = [](std::mt19937_64& random) {
    Scenario scenario{{std::to_string(1 + random() % 3), "ann"}, {}};
    const int threads = is_explored() ? 2 : 2 + random() % 3;
    for (int i = 0; i < threads; ++i) {
      scenario.threads.emplace_back();
      for (int call = 0; call < (is_explored() ? 3 : 5); ++call)
        scenario.threads.back().push_back(random_call(random));
    }
    return scenario;
  };
  check_against_model(make, CheckOptions{.scenarios = 3, .schedules = 100});
}

}  // namespace
}  // namespace kit::registration_lab
