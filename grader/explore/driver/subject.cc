#include "grader/explore/driver/subject.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

namespace kit::explore {
namespace {

constexpr std::uint32_t kReplaySteps = 10'000;  // past its schedule, until the scheduler is fair
constexpr std::uint32_t kReplayFairSteps = 1'000'000;
constexpr int kRunMs = 30'000;
constexpr std::size_t kLastWords = 2000;

// In the child: the descriptors keep their numbers over execv().
void keep_open(int fd) { fcntl(fd, F_SETFD, 0); }

}  // namespace

void plan_replay(const Schedule& schedule, bool is_hasty, Channel& to) {
  Plan& plan = to.plan;
  plan = {};
  plan.strategy = StrategyKind::kReplay;
  plan.is_hasty = is_hasty;
  plan.step_limit = kReplaySteps;
  plan.fair_steps = kReplayFairSteps;
  plan.turns_from = schedule.takes_turns ? 1 : 0;  // once the schedule is at its end
  plan.short_io = schedule.short_io;
  plan.switch_count =
      static_cast<std::uint32_t>(std::min<std::size_t>(schedule.switches.size(), kMaxSwitches));
  plan.pick_count =
      static_cast<std::uint32_t>(std::min<std::size_t>(schedule.picks.size(), kMaxPicks));
  std::copy_n(schedule.switches.begin(), plan.switch_count, to.replay);
  std::copy_n(schedule.picks.begin(), plan.pick_count, to.replay_picks);
}

const Outcome& Subject::replay(const Schedule& schedule, bool is_hasty) {
  plan_replay(schedule, is_hasty, channel());
  return run(Plan(channel().plan));
}

Schedule Subject::last_schedule() {
  const Channel& from = channel();
  const Outcome& outcome = from.outcome;
  // How long it went in circles is no part of the schedule: what follows is fair in any case.
  const bool is_circle =
      outcome.verdict == Verdict::kLivelock || outcome.verdict == Verdict::kStarvation;
  const auto switches =
      std::min<std::uint32_t>(is_circle ? outcome.fair_from : from.switch_count, kMaxSwitches);
  const auto picks = std::min<std::uint32_t>(from.pick_count, kMaxPicks);
  Schedule schedule{{from.switches, from.switches + switches}, {from.picks, from.picks + picks}};
  schedule.short_io = from.plan.short_io;
  schedule.takes_turns = is_circle && outcome.took_turns;
  schedule.run_hash = is_circle ? outcome.fair_hash : outcome.switch_hash;
  return schedule;
}

ProgramSubject::ProgramSubject(std::vector<std::string> argv) : argv_(std::move(argv)) {
  errors_.reset(memfd_create("kit-errors", MFD_CLOEXEC));
  std::vector<char*> words;
  for (std::string& word : argv_) words.push_back(word.data());
  words.push_back(nullptr);
  const std::string variable = link_.variable();
  pid_ = fork();
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid_ == 0) {
    for (const int fd : link_.inherited_fds()) keep_open(fd);
    const int nowhere = open("/dev/null", O_RDWR);
    dup2(nowhere, STDIN_FILENO);
    dup2(nowhere, STDOUT_FILENO);
    dup2(errors_.get(), STDERR_FILENO);
    setenv(kChannelVariable, variable.c_str(), 1);
    setenv("LD_BIND_NOW", "1", 1);  // symbols are looked up once, not in every child
    execv(words[0], words.data());
    _exit(127);
  }
  link_.close_program_ends();
}

ProgramSubject::~ProgramSubject() {
  kill(pid_, SIGKILL);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
}

const Outcome& ProgramSubject::run(const Plan& plan) {
  if (lseek(errors_.get(), 0, SEEK_END) > 0) {
    if (ftruncate(errors_.get(), 0) != 0)
      throw std::system_error(errno, std::generic_category(), "ftruncate");
    lseek(errors_.get(), 0, SEEK_SET);
  }
  channel().plan = plan;
  if (!link_.run(kRunMs))
    throw SubjectGone(argv_[0] + " does not answer: was it built for the mode explore?");
  return channel().outcome;
}

std::string ProgramSubject::last_words() const {
  std::string text(kLastWords, '\0');
  const ssize_t got = pread(errors_.get(), text.data(), text.size(), 0);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

}  // namespace kit::explore
