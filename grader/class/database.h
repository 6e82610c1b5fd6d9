// SQLite, as far as it is needed: statements with values bound to them, and transactions.
//
// Ownership: a Statement belongs to its Database and must go before it does. A Transaction that
// is not committed is undone when it goes away.
// Thread-safety: one thread. Errors: GraderError with SQLite's words.
// Source: sqlite.org/c3ref/intro.html
#ifndef GRADER_CLASS_DATABASE_H_
#define GRADER_CLASS_DATABASE_H_

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace kit::grade {

class Database {
 public:
  explicit Database(const std::filesystem::path& file);

  // One or several statements that give no rows.
  void run(const std::string& sql);
  sqlite3* get() const { return database_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close(database); }
  };
  std::unique_ptr<sqlite3, Close> database_;
};

class Statement {
 public:
  Statement(const Database& database, const std::string& sql);

  // Values for the question marks, from left to right.
  Statement& bind(const std::string& text);
  Statement& bind(std::int64_t number);
  Statement& bind(double number);
  // Whether there is a row (another row).
  bool step();
  // The columns of the row, from left to right.
  std::string text();
  std::int64_t integer();
  double real();

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  void require(int result, int wanted) const;

  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bound_ = 0;
  int column_ = 0;
};

class Transaction {
 public:
  explicit Transaction(Database& database);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  void commit();

 private:
  Database& database_;
  bool is_open_ = true;
};

}  // namespace kit::grade

#endif  // GRADER_CLASS_DATABASE_H_
