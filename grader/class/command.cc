#include "grader/class/command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <cerrno>
#include <exception>

#include "grader/class/exports.h"
#include "grader/class/rules.h"
#include "grader/class/similarity.h"
#include "grader/class/summary.h"
#include "grader/grade/archive_writer.h"
#include "grader/grade/errors.h"
#include "grader/grade/files.h"
#include "grader/grade/report.h"
#include "grader/harness/deadline.h"
#include "grader/harness/fd.h"
#include "grader/submissions/intake.h"

namespace kit::grade {
namespace {

namespace fs = std::filesystem;

constexpr int kAlikePercent = 50;
constexpr std::size_t kMaxAlike = 100;  // lines of the page

// Held while a class is graded. The kernel lets go of it when the process ends, however it does.
UniqueFd lock_folder(const fs::path& folder) {
  UniqueFd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) throw_errno("cannot open " + folder.string());
  if (flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  if (errno != EWOULDBLOCK) throw_errno("flock on " + folder.string());
  throw UsageError("another `class` is at work on " + folder.string());
}

fs::path results_folder(const ClassOptions& options) {
  if (!options.results.empty()) return options.results;
  fs::path submissions = options.submissions.lexically_normal();
  if (!submissions.has_filename()) submissions = submissions.parent_path();
  return submissions.string() + "-grades";
}

std::set<std::string> given_lines(const fs::path& starter) {
  std::set<std::string> given;
  if (!fs::is_directory(starter)) return given;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(starter)) {
    if (entry.is_regular_file()) given.merge(telling_lines(read_archive_file(entry).content));
  }
  return given;
}

// What cannot be taken in has nothing to compare.
std::vector<Work> collect_works(const Manifest& manifest, const Students& students,
                                const fs::path& starter) {
  const std::set<std::string> given = given_lines(starter);
  const std::vector<std::string> wanted = handed_in_files(manifest);
  std::vector<Work> works;
  for (const Student& student : students.all) {
    try {
      works.push_back({student.name, own_text(take_in(student.path, wanted).files, given)});
    } catch (const IntakeError&) {
      continue;
    }
  }
  return works;
}

void add_alike(const Manifest& manifest, const Students& students, const fs::path& starter,
               ClassSummary& summary) try {
  summary.alike = find_alike(collect_works(manifest, students, starter), kAlikePercent);
  if (summary.alike.size() > kMaxAlike) summary.alike.resize(kMaxAlike);
} catch (const GraderError& error) {
  summary.notes.push_back(std::string("The submissions were not compared: ") + error.what());
}

ClassWork work_of(const ClassGrader& grader, const Students& students, const fs::path& results) {
  ClassWork work;
  work.students = students;
  work.kit = grader.kit;
  work.reports = results / "reports";
  work.grade_some = grader.grade_some;
  work.is_stopped = grader.is_stopped;
  work.say = grader.say;
  work.seconds = [begin_ns = monotonic_ns()] {
    return static_cast<double>(monotonic_ns() - begin_ns) / 1e9;
  };
  return work;
}

void tell_moves(const ClassSummary& summary, const ClassGrader& grader) {
  for (const Move& move : summary.moves) {
    grader.say(fmt::format("{} moved from {:g} to {:g} points", clean_text(move.student.name),
                           move.before, move.after));
  }
}

}  // namespace

int run_class_command(const Manifest& manifest, const ClassOptions& options,
                      const ClassGrader& grader) {
  const Students students = find_students(options.submissions);
  if (students.all.empty()) {
    throw UsageError("there is no submission in " + options.submissions.string() +
                     ": each is a folder, a .zip, a .tar or a .tar.gz");
  }
  const Rules rules = options.rules.empty() ? Rules() : read_rules(options.rules);
  const fs::path results = results_folder(options);
  fs::create_directories(results);
  const UniqueFd lock = lock_folder(results);
  GradeStore store(results / "grades.sqlite", manifest.lab);
  for (const std::string& name : students.ignored) {
    grader.say("not a submission: " + clean_text(name));
  }
  const ClassRun run = run_class(store, work_of(grader, students, results));
  ClassSummary summary = summarize(manifest, students, store, rules);
  if (!run.was_stopped) add_alike(manifest, students, grader.starter, summary);
  write_whole_file(results / "grades.csv", class_csv(summary));
  write_whole_file(results / "index.html", class_html(summary));
  if (run.graded > 0) tell_moves(summary, grader);
  grader.say(fmt::format("{} graded now, {} before, {} refused; the page is {}", run.graded,
                         run.known, summary.count(Outcome::kRefused),
                         (results / "index.html").string()));
  const bool is_whole = !run.was_stopped && summary.count(Outcome::kFailed) == 0;
  return is_whole ? kExitGraded : kExitGraderFailed;
}

}  // namespace kit::grade
