#include "grader/registration_server/script.h"

#include <utility>

#include "grader/harness/check.h"
#include "grader/harness/probe_run.h"
#include "grader/registration_server/instance.h"

namespace kit::registration_lab {
namespace {

// For the finding, if there will be one.
constexpr char kExplanation[] =
    "In the calls above, who calls stands before the dot, and the first argument says when:\n"
    "  @3    the third thing that happens; the fourth begins when it has returned\n"
    "  @3>   the same, but the fourth may begin at once: the call is one that waits\n"
    "  @3~B  as soon as B sleeps in its call\n"
    "  @3!B  as soon as B is dead\n";

}  // namespace

Words processes() { return {"processes", fresh_instance()}; }

std::string wake_ms() {
  const std::string ms = std::to_string(static_cast<int>(1500 * slowness()));
  note_varying(ms);
  return ms;
}

Script& Script::add(const std::string& mark, const std::string& who, Call call,
                    const Expected& expected) {
  const auto [thread, is_new] = threads_.try_emplace(who, scenario_.threads.size());
  if (is_new) scenario_.threads.emplace_back();
  call.name = who + "." + call.name;
  Expected shown = expected;
  shown.call = render(call);
  call.args.insert(call.args.begin(), "@" + std::to_string(++turn_) + mark);
  scenario_.threads[thread->second].push_back(std::move(call));
  expected_.emplace_back(thread->second, std::move(shown));
  return *this;
}

Script& Script::then(const std::string& who, const std::string& what, Words args,
                     const std::string& result) {
  return add("", who, {what, std::move(args)}, {"", result});
}

Script& Script::meanwhile(const std::string& who, const std::string& what, Words args,
                          const std::string& result) {
  return add(">", who, {what, std::move(args)}, {"", result});
}

Script& Script::when_asleep(const std::string& sleeper, const std::string& who,
                            const std::string& what, Words args, const std::string& result) {
  return add("~" + sleeper, who, {what, std::move(args)}, {"", result});
}

Script& Script::dies(const std::string& who, const std::string& what, Words args) {
  return add(">", who, {what, std::move(args)}, {"", "", true});
}

Script& Script::when_dead(const std::string& dead, const std::string& who, const std::string& what,
                          Words args, const std::string& result) {
  return add("!" + dead, who, {what, std::move(args)}, {"", result});
}

void Script::require(const std::string& probe) const {
  static const bool is_explained = [] {
    add_evidence(kExplanation);
    return true;
  }();
  static_cast<void>(is_explained);
  const History history = run_once(probe, scenario_);
  std::vector<std::size_t> next(scenario_.threads.size());
  for (const auto& [thread, expected] : expected_) {
    const int index = static_cast<int>(next[thread]++);
    for (const Operation& operation : history) {
      if (operation.thread != static_cast<int>(thread) || operation.index != index) continue;
      if (expected.is_death || operation.result == expected.result) continue;
      const std::string observed =
          operation.completed ? printable(operation.result, 400) : "it never returned";
      fail(expected.call + " -> " + printable(expected.result, 400),
           expected.call + " -> " + observed);
    }
  }
}

}  // namespace kit::registration_lab
