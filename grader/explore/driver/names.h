// What the threads and objects of a run are called.
//
// Errors: none. Thread-safety: none.
#ifndef GRADER_EXPLORE_DRIVER_NAMES_H_
#define GRADER_EXPLORE_DRIVER_NAMES_H_

#include <cstdint>
#include <map>
#include <string>

#include "grader/explore/channel.h"
#include "grader/explore/driver/symbols.h"

namespace kit::explore {

class Names {
 public:
  Names(const Channel& channel, Symbols& symbols) : channel_(channel), symbols_(symbols) {}

  std::string thread(int thread) const;
  // The global's name, or "mutex 2", counted in the order in which they are named.
  std::string object(std::uint64_t key);

 private:
  const Channel& channel_;
  Symbols& symbols_;
  std::map<std::uint64_t, std::string> given_;
  std::map<std::string, int> count_;
};

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_DRIVER_NAMES_H_
