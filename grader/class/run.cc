#include "grader/class/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <map>

#include "grader/class/digest.h"
#include "grader/grade/files.h"
#include "grader/grade/html.h"
#include "grader/grade/report.h"

namespace kit::grade {
namespace {

namespace fs = std::filesystem;

std::string page_of(const Student& student, const Graded& graded) {
  if (graded.outcome != Outcome::kRefused && !graded.grade.steps.empty()) {
    return html_report(graded.grade);
  }
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title></head>"
      "<body><main><h1>{0}</h1><p>{1}</p></main></body></html>\n",
      escaped(student.name), escaped(graded.message));
}

// What cannot be read is refused in its turn, and stops nobody else.
std::string fingerprint(const Student& student) try {
  return digest_of_path(student.path);
} catch (const std::exception& error) {
  return std::string("unreadable: ") + error.what();
}

class Class {
 public:
  Class(GradeStore& store, const ClassWork& work) : store_(store), work_(work) {}

  ClassRun run();

 private:
  void find_open();
  void grade_batch(const std::vector<Student>& batch);
  void grade_alone(const Student& student);
  void keep(const Student& student, const Graded& graded);
  void tell(const Student& student, const Graded& graded);
  bool is_kept(const Student& student) const { return open_.count(student.name) == 0; }

  GradeStore& store_;
  const ClassWork& work_;
  std::map<std::string, std::string> open_;  // name to fingerprint of what was handed in
  std::vector<Student> order_;
  ClassRun result_;
};

void Class::find_open() {
  for (const Student& student : work_.students.all) {
    const std::string submission = fingerprint(student);
    const auto grade = store_.latest(student.name);
    if (grade && grade->is_finished(submission, work_.kit) &&
        fs::exists(report_file(work_.reports, student))) {
      ++result_.known;
    } else {
      open_[student.name] = submission;
      order_.push_back(student);
    }
  }
}

ClassRun Class::run() {
  fs::create_directories(work_.reports);
  find_open();
  if (result_.known > 0) {
    work_.say(fmt::format("{} of {} are graded already, and nothing changed for them.",
                          result_.known, work_.students.all.size()));
  }
  for (std::size_t i = 0; i < order_.size() && !work_.is_stopped(); i += work_.at_once) {
    const std::size_t end = std::min(order_.size(), i + work_.at_once);
    grade_batch({order_.begin() + static_cast<std::ptrdiff_t>(i),
                 order_.begin() + static_cast<std::ptrdiff_t>(end)});
  }
  result_.was_stopped = work_.is_stopped();
  return result_;
}

// What the batch left out, or took with it when it failed, gets a try of its own.
void Class::grade_batch(const std::vector<Student>& batch) {
  try {
    work_.grade_some(batch, [this](const Student& s, const Graded& graded) { keep(s, graded); });
  } catch (const std::exception& error) {
    if (batch.size() > 1) work_.say(std::string("Each of them again, alone: ") + error.what());
  }
  for (const Student& student : batch) {
    if (!work_.is_stopped() && !is_kept(student)) grade_alone(student);
  }
}

void Class::grade_alone(const Student& student) {
  std::string why = "the grader said nothing about this submission";
  try {
    work_.grade_some({student},
                     [this](const Student& s, const Graded& graded) { keep(s, graded); });
  } catch (const std::exception& error) {
    why = error.what();
  }
  if (is_kept(student) || work_.is_stopped()) return;
  keep(student, {Outcome::kFailed, why, {}});
}

// The page first: a grade that is in the store has one.
void Class::keep(const Student& student, const Graded& graded) {
  if (is_kept(student)) return;
  write_whole_file(report_file(work_.reports, student), page_of(student, graded));
  StudentGrade grade;
  grade.student = student.name;
  grade.submission = open_.at(student.name);
  grade.kit = work_.kit;
  grade.outcome = graded.outcome;
  grade.message = graded.message;
  grade.score = graded.grade.score;
  grade.max_score = graded.grade.max_score;
  grade.seconds = graded.grade.seconds;
  grade.checks = checks_of(graded.grade);
  store_.put(grade);
  open_.erase(student.name);
  ++result_.graded;
  tell(student, graded);
}

void Class::tell(const Student& student, const Graded& graded) {
  const std::string what =
      graded.outcome == Outcome::kGraded
          ? sum_line(graded.grade)
          : (graded.outcome == Outcome::kRefused ? "refused: " : "not gradable: ") + graded.message;
  const std::size_t all = work_.students.all.size();
  work_.say(fmt::format(
      "[{} of {}] {}: {}{}", all - open_.size(), all, clean_text(student.name), clean_text(what),
      time_left(work_.seconds(), result_.graded, static_cast<int>(open_.size()))));
}

}  // namespace

ClassRun run_class(GradeStore& store, const ClassWork& work) { return Class(store, work).run(); }

std::string time_left(double seconds, int done, int open) {
  if (done == 0 || open == 0) return "";
  const double left_s = seconds / done * open;
  if (left_s < 60) return "; less than a minute left";
  return fmt::format("; about {:.0f} min left", std::ceil(left_s / 60));
}

fs::path report_file(const fs::path& reports, const Student& student) {
  return reports / (student.page + ".html");
}

}  // namespace kit::grade
