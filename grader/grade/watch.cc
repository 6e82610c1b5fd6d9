#include "grader/grade/watch.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

#include "grader/grade/errors.h"
#include "grader/grade/files.h"
#include "grader/grade/grading.h"
#include "grader/grade/report.h"

namespace kit::grade {
namespace {

constexpr std::uint32_t kChanges = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE;
// A save is several events; a checkout is many.
constexpr int kQuiet_ms = 30;

// What editors leave beside a file while they work on it is no save.
bool is_source(const std::string& name) {
  return !name.empty() && name.front() != '.' && name.front() != '#' && name.back() != '~' &&
         name.find('.') != std::string::npos && !name.ends_with(".swp") && !name.ends_with(".tmp");
}

void say(const std::string& text) { write_all(STDOUT_FILENO, text, "standard output"); }

class Watch {
 public:
  Watch(const Bazel& bazel, const Manifest& manifest);
  int run();

 private:
  // Whether the walk came to an answer; false when it was cut short by a save or Ctrl-C.
  bool walk();
  enum class Outcome { kPassed, kFailed, kCut };
  Outcome judge_step(const Step& step);
  Outcome judge(const Step& step, const std::string& mode);
  std::vector<const Step*> hand_first() const;
  void wait_for_save();

  const Bazel& bazel_;
  const Manifest& manifest_;
  Subject subject_;
  int hand_;  // the step that was unfinished when we last looked
  SignalWatch signals_;
  SourceWatch files_;
  Progress progress_;
};

Watch::Watch(const Bazel& bazel, const Manifest& manifest)
    : bazel_(bazel),
      manifest_(manifest),
      subject_(subject_of_word(manifest, "lab")),
      hand_(manifest.steps.front().number),
      signals_({SIGINT, SIGTERM, SIGHUP}),
      files_({bazel.workspace / manifest.lab_package, bazel.workspace / "labs/support"}),
      progress_(find_terminal(STDERR_FILENO)) {}

int Watch::run() {
  while (!signals_.has_fired()) {
    files_.renew();
    const bool has_answer = walk();
    if (has_answer && !signals_.has_fired()) {
      progress_.say("Waiting for a save in " + manifest_.lab_package + " (Ctrl-C ends)");
      wait_for_save();
    }
  }
  return kExitGraded;
}

std::vector<const Step*> Watch::hand_first() const {
  std::vector<const Step*> steps = {manifest_.find_step(hand_)};
  for (const Step& step : manifest_.steps) {
    if (step.number != hand_) steps.push_back(&step);
  }
  return steps;
}

bool Watch::walk() {
  for (const Step* step : hand_first()) {
    const Outcome outcome = judge_step(*step);
    if (outcome == Outcome::kCut) return false;
    if (outcome == Outcome::kPassed) continue;
    hand_ = step->number;
    return true;
  }
  say("\nEvery check of " + manifest_.lab + " passes.\n");
  return true;
}

Watch::Outcome Watch::judge_step(const Step& step) {
  const Outcome quick = judge(step, step.modes.front());
  return quick == Outcome::kPassed && step.modes.size() > 1 ? judge(step, "") : quick;
}

Watch::Outcome Watch::judge(const Step& step, const std::string& mode) {
  BuildHooks hooks;
  hooks.wake_fd = files_.fd();
  hooks.is_outdated = [this] { return files_.take_changes(); };
  const GradeRequest request{manifest_, subject_,
                             plan_jobs(manifest_, subject_, {step.number, mode})};
  const GradeRun run = run_grade(bazel_, request, signals_, progress_, hooks);
  if (run.was_outdated || run.grade.was_interrupted) return Outcome::kCut;
  const bool has_passed = run.grade.score >= run.grade.max_score &&
                          first_failure(run.grade, nullptr) == nullptr &&
                          run.grade.count_not_gradable() == 0;
  if (has_passed) return Outcome::kPassed;
  const Terminal out = find_terminal(STDOUT_FILENO);
  say("\n" + text_report(run.grade, {out.width, out.has_colour}));
  return Outcome::kFailed;
}

void Watch::wait_for_save() {
  bool has_changed = false;
  while (!signals_.has_fired()) {
    std::array<pollfd, 2> fds = {{{signals_.fd(), POLLIN, 0}, {files_.fd(), POLLIN, 0}}};
    const int ready = poll(fds.data(), fds.size(), has_changed ? kQuiet_ms : -1);
    if (ready < 0 && errno != EINTR) throw_errno("poll");
    if (ready == 0) break;  // quiet again
    signals_.take();
    has_changed = files_.take_changes() || has_changed;
  }
  if (has_changed) progress_.say("\n" + files_.last_changed() + " was saved");
}

}  // namespace

SourceWatch::SourceWatch(std::vector<std::filesystem::path> folders)
    : folders_(std::move(folders)), fd_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  if (!fd_.valid()) throw_errno("inotify_init1");
  if (inotify_add_watch(fd_.get(), folders_.front().c_str(), kChanges) < 0) {
    throw_errno("cannot watch " + folders_.front().string());
  }
  renew();
}

void SourceWatch::renew() {
  // A folder that is not there (yet) is looked for again the next time; one that is watched already
  // stays so.
  for (const std::filesystem::path& folder : folders_) {
    static_cast<void>(inotify_add_watch(fd_.get(), folder.c_str(), kChanges));
  }
}

bool SourceWatch::take_changes() {
  alignas(inotify_event) std::array<char, 16384> buffer;
  bool has_changed = false;
  for (ssize_t got; (got = read(fd_.get(), buffer.data(), buffer.size())) > 0;) {
    for (ssize_t at = 0; at < got;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      const std::string name = event->len > 0 ? event->name : "";
      if (is_source(name) || name == "BUILD" || (event->mask & IN_Q_OVERFLOW) != 0) {
        has_changed = true;
        last_changed_ = name;
      }
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
  }
  return has_changed;
}

int run_watch(const Bazel& bazel, const Manifest& manifest) { return Watch(bazel, manifest).run(); }

}  // namespace kit::grade
