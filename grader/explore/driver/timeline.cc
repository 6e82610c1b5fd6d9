#include "grader/explore/driver/timeline.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <utility>

namespace kit::explore {
namespace {

constexpr std::size_t kMaxRows = 80;  // the last ones: a failure is told from its end
constexpr std::size_t kMinWidth = 10;
constexpr std::size_t kMaxWidth = 34;

bool writes(Op op) { return op == Op::kWrite || op == Op::kAtomicWrite || op == Op::kFree; }

// For each event, whether its thread was the only one just then: before the others were created, or
// when they had ended. What it does to memory then is no part of the story.
std::vector<bool> find_alone(const Channel& channel, std::uint32_t events) {
  std::vector<bool> alone(events);
  int others = 0;
  for (std::uint32_t i = 0; i < events; ++i) {
    const Op op = channel.events[i].op;
    if (op == Op::kCreate || op == Op::kFork) ++others;
    if (op == Op::kEnd || op == Op::kProcessEnd) --others;
    alone[i] = others <= 0;
  }
  return alone;
}

// Memory that two threads or more use while they run side by side, and that somebody writes.
std::set<std::uint64_t> shared_memory(const Channel& channel, const std::vector<bool>& alone) {
  std::map<std::uint64_t, std::set<int>> users;
  std::set<std::uint64_t> written;
  for (std::uint32_t i = 0; i < alone.size(); ++i) {
    if (alone[i]) continue;
    const Event& event = channel.events[i];
    users[event.object].insert(event.thread);
    if (writes(event.op)) written.insert(event.object);
  }
  std::set<std::uint64_t> shared;
  for (const auto& [object, threads] : users) {
    if (threads.size() > 1 && written.count(object) != 0) shared.insert(object);
  }
  return shared;
}

bool is_about_memory(Op op) {
  return op == Op::kRead || op == Op::kWrite || op == Op::kAtomicRead || op == Op::kAtomicWrite ||
         op == Op::kFree;
}

// How std::thread hands its function over is nobody's question.
bool is_of_thread_itself(const Stack& stack, Symbols& symbols) {
  for (const std::uint32_t frame : stack.frames) {
    const std::string function = symbols.place(frame).function;
    if (function.rfind("std::thread::", 0) == 0 || function.rfind("std::jthread::", 0) == 0)
      return true;
    if (symbols.is_own(symbols.place(frame))) return false;
  }
  return true;
}

std::string describe(const Event& event, Names& names) {
  std::string text = op_name(event.op);
  if (event.op == Op::kCreate || event.op == Op::kJoin || event.op == Op::kFork)
    return text + ' ' + names.thread(event.detail);
  const bool is_of_descriptors =
      event.op == Op::kIoRead || event.op == Op::kIoWrite || event.op == Op::kPoll;
  if (event.op == Op::kProcessEnd && event.detail >= 0)
    return names.thread(event.detail) + " is killed";
  if (event.object != 0 && !is_of_descriptors) text += ' ' + names.object(event.object);
  if (event.op == Op::kTryLock && event.detail >= 0) text += ": taken";
  if (event.op == Op::kSemWait && event.detail == 0) text += ": it is 0";
  const bool signals = event.op == Op::kSignal || event.op == Op::kFutexWake;
  if (signals) text += event.detail >= 0 ? " -> " + names.thread(event.detail) : ": nobody waits";
  if (event.op == Op::kBroadcast && event.detail == 0) text += ": nobody waits";
  if (event.why == Why::kTimeout) text += " (too late)";
  if (event.why == Why::kSpurious && event.op == Op::kCondWoken) text += " (by itself)";
  return text;
}

bool says(const Row& row, const std::string& what) {
  return (", " + row.what + ", ").find(", " + what + ", ") != std::string::npos;
}

// What one line does in one go is one row: "read x, write x". Of much memory, the first is enough.
bool is_of_same_line(const Row& last, const Row& next) {
  return last.column == next.column && last.place == next.place && !next.place.empty() &&
         !next.is_after_preemption;
}

void add_row(std::vector<Row>& rows, const Row& row) {
  constexpr std::size_t kMaxWhat = 28;
  if (rows.empty() || !is_of_same_line(rows.back(), row)) {
    rows.push_back(row);
    return;
  }
  Row& last = rows.back();
  if (says(last, row.what)) return;
  if (last.what.size() + row.what.size() < kMaxWhat) {
    last.what += ", " + row.what;
  } else if (!last.is_about_memory || !row.is_about_memory) {
    rows.push_back(row);
  } else if (!says(last, "...")) {
    last.what += ", ...";
  }
}

Row row_of(const Event& event, Names& names, Symbols& symbols) {
  const Place place = symbols.place(event.stack);
  const bool is_known = symbols.is_own(place);
  return {event.step,
          event.thread,
          describe(event, names),
          is_known ? render(place) : "",
          is_known ? symbols.source_line(place) : "",
          false,
          0,
          is_about_memory(event.op)};
}

void prepare_places(const Channel& channel, std::uint32_t events, Symbols& symbols) {
  std::vector<std::uint32_t> offsets;
  for (std::uint32_t i = 0; i < events; ++i) {
    const Stack& stack = channel.events[i].stack;
    offsets.insert(offsets.end(), stack.frames, stack.frames + kMaxFrames);
  }
  std::sort(offsets.begin(), offsets.end());
  offsets.erase(std::unique(offsets.begin(), offsets.end()), offsets.end());
  symbols.prepare(offsets);
}

std::string end_of(const ThreadEnd& end, Names& names) {
  if (!end.is_live) return "ended";
  if (!end.is_waiting) return "could go on";
  std::string text = std::string("waits: ") + op_name(end.op);
  if (end.object != 0) text += ' ' + names.object(end.object);
  if (end.holder >= 0) text += " (" + names.thread(end.holder) + ')';
  return text;
}

// Some lines of code are long; where they are is said before.
std::string shortened(const std::string& source) {
  constexpr std::size_t kMaxSource = 60;
  return source.size() <= kMaxSource ? source : source.substr(0, kMaxSource - 3) + "...";
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() + 2 > width) text = text.substr(0, width - 3) + '~';
  return text + std::string(width - text.size(), ' ');
}

}  // namespace

static bool is_shown(const Event& event, const std::set<std::uint64_t>& shared, Symbols& symbols) {
  if (event.op == Op::kProcessEnd && event.thread == 0) return false;  // the end says it
  if (event.op == Op::kOnce) return false;                             // nobody asks
  if (!is_about_memory(event.op)) return true;
  return shared.count(event.object) != 0 && !is_of_thread_itself(event.stack, symbols);
}

static bool fails_here(const Outcome& outcome, int thread) {
  const bool is_of_one_thread = outcome.verdict == Verdict::kCrash ||
                                outcome.verdict == Verdict::kUseAfterFree ||
                                outcome.verdict == Verdict::kDoubleFree;
  return is_of_one_thread && outcome.thread == thread;
}

static void keep_last_rows(std::vector<Row>& rows, std::size_t count) {
  if (rows.size() <= count) return;
  const std::size_t left_out =
      rows.size() - count + static_cast<std::size_t>(rows.front().left_out);
  rows.erase(rows.begin(), rows.end() - static_cast<std::ptrdiff_t>(count));
  rows.front().left_out = static_cast<int>(left_out);
}

Timeline make_timeline(const Channel& channel, Symbols& symbols) {
  Timeline timeline;
  Names names(channel, symbols);
  const auto events = std::min<std::uint32_t>(channel.event_count, kMaxEvents);
  prepare_places(channel, events, symbols);
  const std::vector<bool> alone = find_alone(channel, events);
  const std::set<std::uint64_t> shared = shared_memory(channel, alone);
  std::vector<std::uint32_t> shown;
  std::set<std::uint32_t> after_preemption;
  bool is_preemption = false;
  for (std::uint32_t i = 0; i < events; ++i) {
    const Event& event = channel.events[i];
    is_preemption = is_preemption || event.after_preemption;
    if (event.thread >= kMaxThreads || (alone[i] && is_about_memory(event.op))) continue;
    if (!is_shown(event, shared, symbols)) continue;
    shown.push_back(i);
    if (is_preemption) after_preemption.insert(i);
    is_preemption = false;
  }
  for (const std::uint32_t i : shown) {
    Row row = row_of(channel.events[i], names, symbols);
    row.is_after_preemption = after_preemption.count(i) != 0;
    add_row(timeline.rows, row);
  }
  keep_last_rows(timeline.rows, kMaxRows);
  const std::uint32_t threads =
      std::min<std::uint32_t>(std::max(channel.outcome.thread_count, 1u), kMaxThreads);
  for (std::uint32_t i = 0; i < threads; ++i) {
    timeline.columns.push_back(names.thread(static_cast<int>(i)));
    const bool is_culprit = fails_here(channel.outcome, static_cast<int>(i));
    timeline.end.push_back(is_culprit ? "it failed here" : end_of(channel.outcome.ends[i], names));
  }
  return timeline;
}

// As wide as what stands in it, within bounds.
static std::vector<std::size_t> widths_of(const Timeline& timeline) {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < timeline.columns.size(); ++i) {
    widths.push_back(std::max({kMinWidth, timeline.columns[i].size(), timeline.end[i].size()}));
  }
  for (const Row& row : timeline.rows) {
    widths[row.column] = std::max(widths[row.column], row.what.size());
  }
  for (std::size_t& width : widths) width = std::min(width + 2, kMaxWidth);
  return widths;
}

std::string render_text(const Timeline& whole) {
  // A report shows some sixty lines of evidence, and the end is what matters.
  constexpr std::size_t kMaxTextRows = 40;
  Timeline timeline = whole;
  keep_last_rows(timeline.rows, kMaxTextRows);
  const std::vector<std::size_t> widths = widths_of(timeline);
  const auto line = [&](const std::string& first, const std::vector<std::string>& cells) {
    std::string text = padded(first, 6);
    for (std::size_t i = 0; i < widths.size(); ++i) text += padded(cells[i], widths[i]);
    return text.substr(0, text.find_last_not_of(' ') + 1);
  };
  std::string text = line("step", timeline.columns) + '\n';
  int last_column = 0;
  for (const Row& row : timeline.rows) {
    const std::size_t left =
        std::accumulate(widths.begin(), widths.begin() + row.column, std::size_t{0});
    if (row.left_out > 0)
      text += "      (" + std::to_string(row.left_out) + " rows before these are left out)\n";
    if (row.is_after_preemption) {
      text += "      " + std::string(left, '-') + "> " + timeline.columns[last_column] +
              " is interrupted, " + timeline.columns[row.column] + " goes on\n";
    }
    last_column = row.column;
    std::vector<std::string> cells(widths.size());
    cells[row.column] = row.what;
    std::string shown = line(std::to_string(row.step), cells);
    if (!row.place.empty()) {
      const std::size_t all = 6 + std::accumulate(widths.begin(), widths.end(), std::size_t{0});
      shown.resize(std::max(shown.size(), all), ' ');
      shown += row.place + (row.source.empty() ? "" : "  " + shortened(row.source));
    }
    text += shown + '\n';
  }
  return text + line("end", timeline.end) + '\n';
}

}  // namespace kit::explore
