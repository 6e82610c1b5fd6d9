// The picture of a run: a column for each thread, a row for each step that matters.
//
// What matters: operations on objects and memory that more than one thread uses, and what begins
// and ends threads. Beside each row stands the line of the subject's source. A switch that
// interrupted a thread which could have gone on is drawn out: it is where the failure comes from.
//
// Errors: none. Thread-safety: none.
#ifndef GRADER_EXPLORE_DRIVER_TIMELINE_H_
#define GRADER_EXPLORE_DRIVER_TIMELINE_H_

#include <string>
#include <vector>

#include "grader/explore/channel.h"
#include "grader/explore/driver/names.h"
#include "grader/explore/driver/symbols.h"

namespace kit::explore {

struct Row {
  std::uint32_t step = 0;
  int column = 0;
  std::string what;                  // "lock a"
  std::string place;                 // "account.cc:41"
  std::string source;                // the line
  bool is_after_preemption = false;  // and could have gone on
  int left_out = 0;                  // rows left out before this one
  bool is_about_memory = false;
};

struct Timeline {
  std::vector<std::string> columns;
  std::vector<Row> rows;
  std::vector<std::string> end;  // per column, how it stands at the end
};

Timeline make_timeline(const Channel& channel, Symbols& symbols);
std::string render_text(const Timeline& timeline);

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_DRIVER_TIMELINE_H_
