// Where in the source an address of the program is, and what a global is called.
//
// Places are looked up by addr2line, many in one go, when they are asked for.
//
// Errors: what is not found is "". Thread-safety: none.
#ifndef GRADER_EXPLORE_DRIVER_SYMBOLS_H_
#define GRADER_EXPLORE_DRIVER_SYMBOLS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "grader/explore/channel.h"

namespace kit::explore {

struct Place {
  std::string file;
  int line = 0;
  std::string function;
};

// Whether a file is the subject's: what a person is shown.
using IsOwn = std::function<bool(const std::string& file)>;
// The default: what is not in a header of the system's.
bool is_not_system(const std::string& file);

class Symbols {
 public:
  explicit Symbols(std::string program, IsOwn is_own = is_not_system)
      : program_(std::move(program)), is_own_(std::move(is_own)) {}

  // Looks up all of them at once; place() is quick afterwards.
  void prepare(const std::vector<std::uint32_t>& offsets);
  Place place(std::uint32_t offset);
  // The innermost place of the stack that is the subject's own; else the innermost of all.
  Place place(const Stack& stack);

  bool is_own(const Place& place) const { return !place.file.empty() && is_own_(place.file); }

  // "counter", "accounts + 8"; "" for what is no global.
  std::string global(std::uint64_t offset);
  // The line itself, without its indentation.
  std::string source_line(const Place& place);

 private:
  struct Global {
    std::uint64_t size;
    std::string name;
  };

  void read_globals();

  std::string program_;
  IsOwn is_own_;
  std::map<std::uint32_t, Place> places_;
  std::map<std::uint64_t, Global> globals_;
  bool has_globals_ = false;
  std::map<std::string, std::vector<std::string>> files_;
};

// "account.cc:41"
std::string render(const Place& place);

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_DRIVER_SYMBOLS_H_
