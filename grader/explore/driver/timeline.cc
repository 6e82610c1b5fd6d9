#include "grader/explore/driver/timeline.h"

#include <algorithm>
#include <set>
#include <sstream>
#include <utility>

namespace kit::explore {
namespace {

constexpr std::size_t kMaxRows = 80;  // the last ones: a failure is told from its end
constexpr std::size_t kColumnWidth = 30;

bool writes(Op op) { return op == Op::kWrite || op == Op::kAtomicWrite || op == Op::kFree; }

// Memory that two threads or more use, and that somebody writes.
std::set<std::uint64_t> shared_memory(const Channel& channel, std::uint32_t events) {
  std::map<std::uint64_t, std::set<int>> users;
  std::set<std::uint64_t> written;
  for (std::uint32_t i = 0; i < events; ++i) {
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
  if (event.object != 0) text += ' ' + names.object(event.object);
  if (event.op == Op::kTryLock && event.detail >= 0) text += ": taken";
  const bool signals = event.op == Op::kSignal || event.op == Op::kFutexWake;
  if (signals) text += event.detail >= 0 ? " -> " + names.thread(event.detail) : ": nobody waits";
  if (event.op == Op::kBroadcast && event.detail == 0) text += ": nobody waits";
  if (event.why == Why::kTimeout) text += " (too late)";
  if (event.why == Why::kSpurious && event.op == Op::kCondWoken) text += " (by itself)";
  return text;
}

// What one line does in one go is one row: "read x, write x".
bool joins(const Row& last, const Row& next) {
  constexpr std::size_t kMaxWhat = 44;
  const bool is_same_line =
      last.column == next.column && last.place == next.place && !next.place.empty();
  return is_same_line && !next.is_after_preemption &&
         last.what.size() + next.what.size() < kMaxWhat;
}

void add_row(std::vector<Row>& rows, const Row& row) {
  if (rows.empty() || !joins(rows.back(), row)) {
    rows.push_back(row);
    return;
  }
  std::string& what = rows.back().what;
  if ((", " + what + ", ").find(", " + row.what + ", ") == std::string::npos)
    what += ", " + row.what;
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
          0};
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

std::string padded(std::string text, std::size_t width) {
  if (text.size() > width) text = text.substr(0, width - 1) + "~";
  return text + std::string(width - text.size(), ' ');
}

}  // namespace

static bool is_shown(const Event& event, const std::set<std::uint64_t>& shared, Symbols& symbols) {
  if (!is_about_memory(event.op)) return true;
  return shared.count(event.object) != 0 && !is_of_thread_itself(event.stack, symbols);
}

static bool fails_here(const Outcome& outcome, int thread) {
  const bool is_of_one_thread = outcome.verdict == Verdict::kCrash ||
                                outcome.verdict == Verdict::kUseAfterFree ||
                                outcome.verdict == Verdict::kDoubleFree;
  return is_of_one_thread && outcome.thread == thread;
}

static void keep_last_rows(std::vector<Row>& rows) {
  if (rows.size() <= kMaxRows) return;
  const std::size_t left_out = rows.size() - kMaxRows;
  rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(left_out));
  rows.front().left_out = static_cast<int>(left_out);
}

Timeline make_timeline(const Channel& channel, Symbols& symbols) {
  Timeline timeline;
  Names names(channel, symbols);
  const auto events = std::min<std::uint32_t>(channel.event_count, kMaxEvents);
  prepare_places(channel, events, symbols);
  const std::set<std::uint64_t> shared = shared_memory(channel, events);
  std::vector<std::uint32_t> shown;
  std::set<std::uint32_t> after_preemption;
  bool is_preemption = false;
  for (std::uint32_t i = 0; i < events; ++i) {
    const Event& event = channel.events[i];
    is_preemption = is_preemption || event.after_preemption;
    if (event.thread >= kMaxThreads || !is_shown(event, shared, symbols)) continue;
    shown.push_back(i);
    if (is_preemption) after_preemption.insert(i);
    is_preemption = false;
  }
  for (const std::uint32_t i : shown) {
    Row row = row_of(channel.events[i], names, symbols);
    row.is_after_preemption = after_preemption.count(i) != 0;
    add_row(timeline.rows, row);
  }
  keep_last_rows(timeline.rows);
  const std::uint32_t threads =
      std::min<std::uint32_t>(std::max(channel.outcome.thread_count, 1u), kMaxThreads);
  for (std::uint32_t i = 0; i < threads; ++i) {
    timeline.columns.push_back(names.thread(static_cast<int>(i)));
    const bool is_culprit = fails_here(channel.outcome, static_cast<int>(i));
    timeline.end.push_back(is_culprit ? "it failed here" : end_of(channel.outcome.ends[i], names));
  }
  return timeline;
}

std::string render_text(const Timeline& timeline) {
  std::ostringstream text;
  text << "step  ";
  for (const std::string& column : timeline.columns) text << padded(column, kColumnWidth);
  text << '\n';
  for (const Row& row : timeline.rows) {
    if (row.left_out > 0) text << "      (" << row.left_out << " rows before these are left out)\n";
    if (row.is_after_preemption)
      text << "      " << std::string(kColumnWidth * row.column, '-')
           << "> interrupted: " << timeline.columns[row.column] << " goes on\n";
    text << padded(std::to_string(row.step), 6) << std::string(kColumnWidth * row.column, ' ')
         << padded(row.what, kColumnWidth);
    text << std::string(kColumnWidth * (timeline.columns.size() - row.column - 1), ' ') << row.place
         << "  " << row.source << '\n';
  }
  text << "end   ";
  for (const std::string& end : timeline.end) text << padded(end, kColumnWidth);
  text << '\n';
  return text.str();
}

}  // namespace kit::explore
