#include "grader/harness/holdings.h"

#include <unistd.h>

#include <fstream>
#include <string>
#include <vector>

#include "grader/harness/asleep.h"
#include "grader/harness/poll.h"
#include "grader/harness/process_tree.h"

namespace kit {
namespace {

// Left of the check's time when waiting ends, for the verdict.
constexpr int kSpareMs = 100;

[[noreturn]] void fail_ended(const Process& program) {
  fail(program.name() + " goes on", "it has ended");
}

bool are_mappings_looked_at(const Slack& slack) {
  return slack.mappings && config().mode == Mode::kPlain;
}

bool is_back(const Holdings& now, const Holdings& before, const Slack& slack) {
  return now.threads <= before.threads + slack.threads &&
         now.descriptors <= before.descriptors + slack.descriptors &&
         (!are_mappings_looked_at(slack) || now.mappings <= before.mappings + *slack.mappings);
}

void require_no_more(const std::string& what, std::int64_t before, std::int64_t after,
                     std::int64_t slack, const std::string& remark = "") {
  if (after <= before + slack) return;
  fail("as many " + what + " as before, or a few more",
       varies(std::to_string(before)) + " " + what + " before, " + varies(std::to_string(after)) +
           " after" + remark,
       Status::kLeaked);
}

}  // namespace

Holdings holdings_of(const Server& server) {
  const std::optional<Holdings> holdings = server.process.holdings();
  if (!holdings) fail_ended(server.process);
  return *holdings;
}

void require_back(const Server& server, const Holdings& before, const Slack& slack) {
  Holdings now;
  static_cast<void>(
      poll_until(deadline().but_at_most_ms(deadline().remaining_ms() - kSpareMs), [&] {
        now = holdings_of(server);
        return is_back(now, before, slack);
      }));
  require_no_more("threads", before.threads, now.threads, slack.threads);
  require_no_more("open descriptors", before.descriptors, now.descriptors, slack.descriptors);
  if (are_mappings_looked_at(slack)) {
    require_no_more("areas of memory", before.mappings, now.mappings, *slack.mappings,
                    ": a thread that ended and that nobody joined keeps its stack");
  }
  if (slack.memory_kb && config().mode == Mode::kPlain) {
    require_no_more("KB of memory", before.memory_kb, now.memory_kb, *slack.memory_kb);
  }
}

std::int64_t most_memory_kb(const Server& server) {
  std::ifstream status("/proc/" + std::to_string(server.process.pid()) + "/status");
  for (std::string word; status >> word;) {
    std::int64_t kb = 0;
    if (word == "VmHWM:" && status >> kb) return kb;
  }
  fail_ended(server.process);
}

std::int64_t cpu_ms(const Process& program) {
  const std::vector<std::string> fields = stat_fields(program.pid());
  // User and system time are the 12th and the 13th behind the name.
  if (fields.size() < 13) fail_ended(program);
  return (std::stoll(fields[11]) + std::stoll(fields[12])) * 1000 / ::sysconf(_SC_CLK_TCK);
}

void require_rest(const Process& program) {
  constexpr int kLookEveryMs = 20;
  constexpr int kSeenAsleep = 10;
  constexpr int kMostMs = 100;
  const std::int64_t before_ms = cpu_ms(program);
  for (int asleep = 0; asleep < kSeenAsleep && !deadline().expired();) {
    require(cpu_ms(program) - before_ms < kMostMs,
            program.name() + " waits and uses next to no processor time",
            program.name() + " has used " + std::to_string(kMostMs) +
                " ms of processor time without a rest");
    asleep += are_asleep(program.pid()) ? 1 : 0;
    static_cast<void>(::usleep(kLookEveryMs * 1000));  // cut short, it looks once more
  }
}

}  // namespace kit
