#include "grader/harness/probe_run.h"

#include "grader/harness/check_context.h"
#include "grader/harness/evidence.h"
#include "grader/harness/jail.h"
#include "grader/harness/log_reader.h"
#include "grader/harness/probe.h"

namespace kit {
namespace {

// A probe waits for so small a part of what is left to the check; see patience_ms().
constexpr int kPatienceParts = 3;

std::size_t count_calls(const Scenario& scenario) {
  std::size_t count = 0;
  for (const std::vector<Call>& thread : scenario.threads) count += thread.size();
  return count;
}

// The last round that began: the one in which a program crashed or hung.
const History* last_begun(const std::vector<History>& histories) {
  const History* last = nullptr;
  for (const History& history : histories) {
    if (!history.empty()) last = &history;
  }
  return last;
}

std::string last_calls(const std::vector<History>& histories) {
  const History* last = last_begun(histories);
  return last == nullptr ? "" : "\nThe calls up to then:\n" + varies(render(*last));
}

}  // namespace

std::vector<History> run_probe(const std::string& probe, const Scenario& scenario, int repeat,
                               const StartOptions& options) {
  // Which one of many scenarios it is in which a race is seen is luck.
  did(repeat > 1 ? varies(render(scenario)) + "up to " + std::to_string(repeat) + " times"
                 : render(scenario));
  const LogReader log;
  StartOptions start = options;
  start.inherited_fds.push_back(log.fd());
  start.env["KIT_LOG_FD"] = std::to_string(log.fd());
  start.env["KIT_PATIENCE_MS"] = std::to_string(deadline().remaining_ms() / kPatienceParts);
  Process& process = box().start(probe, {}, start);
  // Probes have their process id in the names of what they make.
  note_varying("." + std::to_string(process.pid()) + ".");
  process.write_in(encode(scenario, repeat), deadline());
  process.close_in();
  const std::optional<Exit> exit = process.wait(deadline());
  const std::vector<History> histories = log.read(scenario, repeat);
  if (!exit) fail_hung("the calls return", "a call does not return." + last_calls(histories));
  // Who hands in code that ends so has not found a fault of the grader's.
  const bool is_trusted = !Jail::is_wanted();
  if (is_trusted && exit->signal == 0 && exit->status == kProbeFault) {
    fail_not_gradable(process.err());
  }
  if (exit->signal == 0 && is_report_status(exit->status)) throw Verdict();
  if (!exit->clean() || log.rounds_done() != repeat) {
    fail("the calls return, and the program goes on",
         "the program ended with " + render(*exit) + last_calls(histories));
  }
  for (const History& history : histories) {
    if (history.size() == count_calls(scenario)) continue;
    if (is_trusted) fail_not_gradable("the probe's log is incomplete");
    fail("each call leaves its result in the log", "the log is not as the probe writes it");
  }
  return histories;
}

History run_once(const std::string& probe, const Scenario& scenario) {
  return run_probe(probe, scenario).front();
}

Scenario sequence(Words setup, std::vector<Call> calls) {
  return {std::move(setup), {std::move(calls)}};
}

void require_results(const std::string& probe, Words setup, const std::vector<Expected>& expected) {
  std::vector<Call> calls;
  for (const Expected& each : expected) calls.push_back(each.call);
  const History history = run_once(probe, sequence(std::move(setup), std::move(calls)));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (history[i].result == expected[i].result) continue;
    const std::string call = render(expected[i].call);
    fail(call + " -> " + printable(expected[i].result, 400),
         call + " -> " + printable(history[i].result, 400));
  }
}

}  // namespace kit
