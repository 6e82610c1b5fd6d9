#include "grader/class/database.h"

#include "grader/grade/errors.h"

namespace kit::grade {
namespace {

[[noreturn]] void fail(sqlite3* database) {
  throw GraderError(std::string("the file of the grades: ") + sqlite3_errmsg(database));
}

}  // namespace

Database::Database(const std::filesystem::path& file) {
  sqlite3* opened = nullptr;
  const int result =
      sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  database_.reset(opened);
  if (result != SQLITE_OK) {
    throw GraderError("cannot open " + file.string() + ": " + sqlite3_errstr(result));
  }
  // Somebody may be reading at the same time. A grade that was told is on the disk.
  sqlite3_busy_timeout(opened, /*ms=*/10'000);
  run("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
}

void Database::run(const std::string& sql) {
  if (sqlite3_exec(get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail(get());
}

Statement::Statement(const Database& database, const std::string& sql) : database_(database.get()) {
  sqlite3_stmt* statement = nullptr;
  require(sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr), SQLITE_OK);
  statement_.reset(statement);
}

void Statement::require(int result, int wanted) const {
  if (result != wanted) fail(database_);
}

Statement& Statement::bind(const std::string& text) {
  require(sqlite3_bind_text(statement_.get(), ++bound_, text.data(), static_cast<int>(text.size()),
                            SQLITE_TRANSIENT),
          SQLITE_OK);
  return *this;
}

Statement& Statement::bind(std::int64_t number) {
  require(sqlite3_bind_int64(statement_.get(), ++bound_, number), SQLITE_OK);
  return *this;
}

Statement& Statement::bind(double number) {
  require(sqlite3_bind_double(statement_.get(), ++bound_, number), SQLITE_OK);
  return *this;
}

bool Statement::step() {
  column_ = 0;
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  require(result, SQLITE_DONE);
  return false;
}

std::string Statement::text() {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column_));
  const int size = sqlite3_column_bytes(statement_.get(), column_++);
  return bytes != nullptr ? std::string(bytes, static_cast<std::size_t>(size)) : std::string();
}

std::int64_t Statement::integer() { return sqlite3_column_int64(statement_.get(), column_++); }

double Statement::real() { return sqlite3_column_double(statement_.get(), column_++); }

Transaction::Transaction(Database& database) : database_(database) {
  database_.run("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (is_open_)
    static_cast<void>(sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr));
}

void Transaction::commit() {
  database_.run("COMMIT");
  is_open_ = false;
}

}  // namespace kit::grade
