#include "grader/grade/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string_view>

#include "grader/grade/errors.h"
#include "grader/grade/files.h"
#include "grader/harness/deadline.h"
#include "grader/harness/render.h"

namespace kit::grade {
namespace {

constexpr int kDefaultWidth = 100;
constexpr int kMaxWidth = 120;
constexpr int kMaxBrief = 160;

bool is_unset(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0';
}

bool is_dumb() {
  const char* term = std::getenv("TERM");
  return term != nullptr && std::string_view(term) == "dumb";
}

std::string job_name(const Job& job) { return fmt::format("step {} {}", job.step, job.mode); }

const Row* first_bad(const std::vector<Row>& rows) {
  const auto row = std::find_if(rows.begin(), rows.end(), [](const Row& r) {
    return !r.has_passed() && r.finding.status != Status::kSkipped;
  });
  return row != rows.end() ? &*row : nullptr;
}

// Whether all rows say the same of the whole step: it does not compile, or could not be judged.
bool is_blanket(const std::vector<Row>& rows) {
  const Status first = rows.front().finding.status;
  return (first == Status::kNotBuilt || first == Status::kNotGradable) &&
         std::all_of(rows.begin(), rows.end(), [&](const Row& row) {
           return row.finding.status == first &&
                  row.finding.observed == rows.front().finding.observed;
         });
}

}  // namespace

Terminal find_terminal(int fd) {
  Terminal terminal{fd, isatty(fd) == 1 && !is_dumb(), false, kDefaultWidth};
  terminal.has_colour = terminal.is_terminal && is_unset("NO_COLOR");
  winsize size = {};
  if (terminal.is_terminal && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    terminal.width = std::clamp<int>(size.ws_col, 40, kMaxWidth);
  }
  return terminal;
}

std::string job_summary(const std::vector<Row>& rows) {
  if (rows.empty()) return "nothing to check";
  if (is_blanket(rows)) {
    const Finding& finding = rows.front().finding;
    return fmt::format("{}: {}", status_phrase(finding.status),
                       shown(render_brief(finding, kMaxBrief)));
  }
  std::map<Status, int> counts;
  for (const Row& row : rows) ++counts[row.finding.status];
  std::string text = fmt::format("{} of {} passed", counts[Status::kPassed], rows.size());
  for (const auto& [status, count] : counts) {
    if (status == Status::kPassed) continue;
    text += fmt::format(", {} {}", count, status_phrase(status));
  }
  return text;
}

Progress::Progress(Terminal terminal) : terminal_(terminal), begin_ns_(monotonic_ns()) {}

void Progress::begin(const std::vector<Job>& jobs) {
  open_ = jobs;
  job_count_ = jobs.size();
  begin_ns_ = monotonic_ns();
  has_failure_ = false;
  notice_.clear();
}

double Progress::seconds() const { return static_cast<double>(monotonic_ns() - begin_ns_) / 1e9; }

void Progress::show_done(const Job& job, const std::vector<Row>& rows) {
  std::erase_if(open_, [&](const Job& other) { return other.target == job.target; });
  say(fmt::format("[{:6.1f} s] {}: {}", seconds(), job_name(job), job_summary(rows)));
  const Row* bad = rows.empty() || has_failure_ ? nullptr : first_bad(rows);
  if (bad == nullptr) return;
  has_failure_ = true;
  if (is_blanket(rows)) return;
  say(fmt::format("           {} {}: {}", bad->finding.check, status_phrase(bad->finding.status),
                  shown(render_brief(bad->finding, kMaxBrief))));
}

void Progress::tick(const std::string& notice) {
  if (notice != notice_) {
    notice_ = notice;
    if (!terminal_.is_terminal && !notice.empty()) say(notice);
  }
  if (!terminal_.is_terminal || open_.empty()) return;
  std::string text =
      fmt::format("{:.0f} s, {} of {} done", seconds(), job_count_ - open_.size(), job_count_);
  if (!notice_.empty()) text += "; " + notice_;
  text += "; still to come: " + job_name(open_.front());
  for (std::size_t i = 1; i < open_.size(); ++i) text += ", " + job_name(open_[i]);
  const auto room = static_cast<std::size_t>(terminal_.width - 1);
  if (text.size() > room) text = text.substr(0, room - 3) + "...";
  show_status(text);
}

void Progress::end() { show_status(""); }

void Progress::say(const std::string& line) {
  show_status("");  // the next tick brings it back
  try {
    write_all(terminal_.fd, line + "\n", "the progress");
  } catch (const GraderError&) {
    // Nobody reads along: the report still counts.
  }
}

void Progress::show_status(const std::string& text) {
  if (!terminal_.is_terminal || text == status_) return;
  try {
    write_all(terminal_.fd, "\r\033[K" + text, "the progress");
  } catch (const GraderError&) {
    // As above.
  }
  status_ = text;
}

}  // namespace kit::grade
