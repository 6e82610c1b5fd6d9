// A class with a stand-in for the grading of one submission: what is kept, what is done again.

#include "grader/class/run.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <set>

#include "grader/grade/errors.h"
#include "grader/grade/files.h"

namespace kit::grade {
namespace {

namespace fs = std::filesystem;

Grade grade_of(const Student& student, Status status) {
  Row row;
  row.finding.check = "Suite.Check";
  row.finding.status = status;
  row.mode = "plain";
  row.worth = 2;
  row.max_points = 2;
  row.points = row.has_passed() ? 2 : 0;
  StepGrade step;
  step.number = 1;
  step.title = "One";
  step.rows = {row};
  Grade grade;
  grade.title = student.name;
  grade.score = row.points;
  grade.max_score = 2;
  grade.steps = {step};
  return grade;
}

class ClassTest : public testing::Test {
 protected:
  ClassTest() {
    for (const char* name : {"ann", "bob", "cy"}) hand_in(name, name);
    work_.at_once = 2;
    work_.kit = "kit 1";
    work_.reports = folder_.path() / "reports";
    work_.say = [this](const std::string& line) { said_ += line + "\n"; };
    work_.grade_some = [this](const std::vector<Student>& students, const OnGraded& on_graded) {
      for (const Student& student : students) grade_one(student, on_graded);
    };
  }

  void hand_in(const std::string& name, const std::string& text) {
    fs::create_directories(folder_.path() / "in" / name);
    std::ofstream(folder_.path() / "in" / name / "a.cc") << text;
  }

  virtual void grade_one(const Student& student, const OnGraded& on_graded) {
    asked_.push_back(student.name);
    on_graded(student, {Outcome::kGraded, "", grade_of(student, Status::kPassed)});
  }

  ClassRun run() {
    asked_.clear();
    work_.students = find_students(folder_.path() / "in");
    GradeStore store(database(), "toy");
    return run_class(store, work_);
  }

  fs::path database() const { return folder_.path() / "grades.sqlite"; }
  StudentGrade latest(const std::string& name) const {
    return GradeStore(database(), "toy").latest(name).value_or(StudentGrade());
  }

  using Names = std::vector<std::string>;
  TempDir folder_;
  ClassWork work_;
  Names asked_;
  std::string said_;
};

TEST_F(ClassTest, GradesEachOnceAndTheSecondTimeNothing) {
  EXPECT_EQ(run().graded, 3);
  EXPECT_EQ(asked_, (Names{"ann", "bob", "cy"}));
  EXPECT_EQ(latest("bob").score, 2);
  ASSERT_EQ(latest("bob").checks.size(), 1u);
  EXPECT_EQ(latest("bob").checks[0].status, "passed");
  EXPECT_TRUE(fs::exists(work_.reports / "bob.html"));
  EXPECT_EQ(run().known, 3);
  EXPECT_EQ(asked_, Names());
}

TEST_F(ClassTest, GradesAgainWhatWasHandedInAnew) {
  run();
  hand_in("bob", "better");
  EXPECT_EQ(run().graded, 1);
  EXPECT_EQ(asked_, Names{"bob"});
}

TEST_F(ClassTest, GradesAgainWhenTheKitChanged) {
  run();
  work_.kit = "kit 2";
  EXPECT_EQ(run().graded, 3);
}

TEST_F(ClassTest, GradesAgainWhenTheReportIsGone) {
  run();
  fs::remove(work_.reports / "cy.html");
  run();
  EXPECT_EQ(asked_, Names{"cy"});
}

TEST_F(ClassTest, GoesOnAfterItWasStopped) {
  work_.at_once = 1;
  work_.is_stopped = [this] { return !asked_.empty(); };
  EXPECT_TRUE(run().was_stopped);
  EXPECT_EQ(asked_, Names{"ann"});
  work_.is_stopped = [] { return false; };
  run();
  EXPECT_EQ(asked_, (Names{"bob", "cy"}));
}

// A child process grades, and is killed when it comes to cy.
class KilledClassTest : public ClassTest {
 protected:
  void grade_one(const Student& student, const OnGraded& on_graded) override {
    if (is_child_ && student.name == "cy") raise(SIGKILL);
    ClassTest::grade_one(student, on_graded);
  }
  bool is_child_ = false;
};

TEST_F(KilledClassTest, LosesNothingByAKill) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    is_child_ = true;
    run();
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(latest("ann").score, 2);
  EXPECT_EQ(run().known, 2);
  EXPECT_EQ(asked_, Names{"cy"});
}

// The grader falls over at bob, whoever else is in the batch.
class FaultyClassTest : public ClassTest {
 protected:
  void grade_one(const Student& student, const OnGraded& on_graded) override {
    if (student.name == "bob" && is_broken_) throw GraderError("the grader fell over");
    ClassTest::grade_one(student, on_graded);
  }
  bool is_broken_ = true;
};

TEST_F(FaultyClassTest, TouchesNobodyElse) {
  EXPECT_EQ(run().graded, 3);
  EXPECT_EQ(latest("ann").score, 2);
  EXPECT_EQ(latest("cy").score, 2);
  EXPECT_EQ(latest("bob").outcome, Outcome::kFailed);
  EXPECT_EQ(latest("bob").message, "the grader fell over");
  is_broken_ = false;
  run();
  EXPECT_EQ(asked_, Names{"bob"});
  EXPECT_EQ(latest("bob").outcome, Outcome::kGraded);
}

class SilentClassTest : public ClassTest {
 protected:
  void grade_one(const Student& student, const OnGraded& on_graded) override {
    if (student.name == "ann") return;
    if (student.name == "bob") return on_graded(student, {Outcome::kRefused, "a zip bomb", {}});
    ClassTest::grade_one(student, on_graded);
  }
};

TEST_F(SilentClassTest, IsToldAndRefusalsAreFinal) {
  run();
  EXPECT_EQ(latest("ann").outcome, Outcome::kFailed);
  EXPECT_EQ(latest("bob").message, "a zip bomb");
  EXPECT_NE(said_.find("bob: refused: a zip bomb"), std::string::npos) << said_;
  EXPECT_EQ(run().known, 2);
}

TEST(Store, IsOfOneLab) {
  const TempDir folder;
  GradeStore(folder.path() / "grades.sqlite", "toy");
  EXPECT_THROW(GradeStore(folder.path() / "grades.sqlite", "other"), UsageError);
}

TEST(Store, KeepsEveryGradeAndPassesOverFaults) {
  const TempDir folder;
  GradeStore store(folder.path() / "grades.sqlite", "toy");
  StudentGrade grade;
  grade.student = "o'hara; DROP TABLE grades";
  for (const auto& [score, outcome] :
       {std::pair(1.0, Outcome::kGraded), std::pair(0.0, Outcome::kFailed),
        std::pair(2.0, Outcome::kGraded)}) {
    grade.score = score;
    grade.outcome = outcome;
    store.put(grade);
  }
  EXPECT_EQ(store.latest(grade.student)->score, 2);
  EXPECT_EQ(store.previous(grade.student)->score, 1);
  EXPECT_FALSE(store.latest("nobody"));
}

TEST(TimeLeft, IsWhatTheOthersTook) {
  EXPECT_EQ(time_left(60, 0, 5), "");
  EXPECT_EQ(time_left(60, 2, 1), "; less than a minute left");
  EXPECT_EQ(time_left(60, 2, 5), "; about 3 min left");
}

}  // namespace
}  // namespace kit::grade
