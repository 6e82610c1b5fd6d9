#include "grader/class/store.h"

#include "grader/grade/errors.h"

namespace kit::grade {
namespace {

constexpr const char* kSchema = R"sql(
CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS grades (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  student TEXT NOT NULL,
  submission TEXT NOT NULL,
  kit TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('graded', 'refused', 'failed')),
  message TEXT NOT NULL,
  score REAL NOT NULL,
  max_score REAL NOT NULL,
  seconds REAL NOT NULL,
  graded_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ')));
CREATE INDEX IF NOT EXISTS grades_by_student ON grades (student, id);
CREATE TABLE IF NOT EXISTS checks (
  grade INTEGER NOT NULL REFERENCES grades (id),
  position INTEGER NOT NULL,
  step INTEGER NOT NULL,
  name TEXT NOT NULL,
  mode TEXT NOT NULL,
  status TEXT NOT NULL,
  points REAL NOT NULL,
  worth REAL NOT NULL,
  PRIMARY KEY (grade, position)) WITHOUT ROWID;
)sql";

constexpr const char* kOutcomes[] = {"graded", "refused", "failed"};

std::string outcome_name(Outcome outcome) { return kOutcomes[static_cast<int>(outcome)]; }

Outcome outcome_of(const std::string& name) {
  if (name == "graded") return Outcome::kGraded;
  return name == "refused" ? Outcome::kRefused : Outcome::kFailed;
}

void put_checks(const Database& database, std::int64_t id, const std::vector<CheckGrade>& checks) {
  for (std::size_t i = 0; i < checks.size(); ++i) {
    const CheckGrade& check = checks[i];
    Statement(database, "INSERT INTO checks VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(id)
        .bind(static_cast<std::int64_t>(i))
        .bind(std::int64_t{check.step})
        .bind(check.check)
        .bind(check.mode)
        .bind(check.status)
        .bind(check.points)
        .bind(check.worth)
        .step();
  }
}

std::vector<CheckGrade> read_checks(const Database& database, std::int64_t id) {
  Statement rows(database,
                 "SELECT step, name, mode, status, points, worth FROM checks "
                 "WHERE grade = ? ORDER BY position");
  rows.bind(id);
  std::vector<CheckGrade> checks;
  while (rows.step()) {
    CheckGrade& check = checks.emplace_back();
    check.step = static_cast<int>(rows.integer());
    check.check = rows.text();
    check.mode = rows.text();
    check.status = rows.text();
    check.points = rows.real();
    check.worth = rows.real();
  }
  return checks;
}

// Nothing for an id that there is not, such as the 0 that SQLite makes of no id.
std::optional<StudentGrade> read_grade(const Database& database, std::int64_t id) {
  Statement row(database,
                "SELECT student, submission, kit, outcome, message, score, max_score, seconds "
                "FROM grades WHERE id = ?");
  if (!row.bind(id).step()) return std::nullopt;
  StudentGrade grade;
  grade.student = row.text();
  grade.submission = row.text();
  grade.kit = row.text();
  grade.outcome = outcome_of(row.text());
  grade.message = row.text();
  grade.score = row.real();
  grade.max_score = row.real();
  grade.seconds = row.real();
  grade.checks = read_checks(database, id);
  return grade;
}

void require_lab(Database& database, const std::string& lab, const std::string& file) {
  Statement(database, "INSERT OR IGNORE INTO about VALUES ('lab', ?)").bind(lab).step();
  Statement row(database, "SELECT value FROM about WHERE key = 'lab'");
  row.step();
  const std::string found = row.text();
  if (found == lab) return;
  throw UsageError(file + " holds the grades of the lab " + found +
                   "; --output names another folder for this one");
}

}  // namespace

std::vector<CheckGrade> checks_of(const Grade& grade) {
  std::vector<CheckGrade> checks;
  for (const StepGrade& step : grade.steps) {
    for (const Row& row : step.rows) {
      checks.push_back({step.number, row.finding.check, row.mode,
                        std::string(status_name(row.finding.status)), row.points, row.worth});
    }
  }
  return checks;
}

GradeStore::GradeStore(const std::filesystem::path& file, const std::string& lab)
    : database_(file) {
  database_.run(kSchema);
  require_lab(database_, lab, file.string());
}

void GradeStore::put(const StudentGrade& grade) {
  Transaction transaction(database_);
  Statement(database_,
            "INSERT INTO grades (student, submission, kit, outcome, message, score, max_score, "
            "seconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(grade.student)
      .bind(grade.submission)
      .bind(grade.kit)
      .bind(outcome_name(grade.outcome))
      .bind(grade.message)
      .bind(grade.score)
      .bind(grade.max_score)
      .bind(grade.seconds)
      .step();
  put_checks(database_, sqlite3_last_insert_rowid(database_.get()), grade.checks);
  transaction.commit();
}

std::optional<StudentGrade> GradeStore::latest(const std::string& student) const {
  Statement newest(database_, "SELECT max(id) FROM grades WHERE student = ?");
  newest.bind(student).step();
  return read_grade(database_, newest.integer());
}

std::optional<StudentGrade> GradeStore::previous(const std::string& student) const {
  Statement older(database_,
                  "SELECT max(id) FROM grades WHERE student = ?1 AND outcome != 'failed' "
                  "AND id < (SELECT max(id) FROM grades WHERE student = ?1)");
  older.bind(student).step();
  return read_grade(database_, older.integer());
}

}  // namespace kit::grade
