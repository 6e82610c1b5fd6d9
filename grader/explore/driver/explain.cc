#include "grader/explore/driver/explain.h"

#include <cstdio>
#include <fstream>
#include <sstream>

#include "grader/explore/driver/svg.h"
#include "grader/explore/driver/timeline.h"

namespace kit::explore {
namespace {

// What a thread waits for, as a clause.
std::string wait_of(const ThreadEnd& end, Names& names, Symbols& symbols) {
  std::ostringstream text;
  switch (end.op) {
    case Op::kLock:
    case Op::kReadLock:
      text << "waits for " << names.object(end.object);
      if (end.holder >= 0) text << ", which " << names.thread(end.holder) << " holds";
      break;
    case Op::kCondWait:
      text << "waits for a signal";
      if (end.lost_by >= 0) {
        text << " that came at step " << end.lost_step << " from " << names.thread(end.lost_by)
             << ", when nobody waited";
      }
      break;
    case Op::kJoin:
      text << "waits for the end of " << (end.holder >= 0 ? names.thread(end.holder) : "a thread");
      break;
    case Op::kSemWait:
      text << "waits for " << names.object(end.object) << ", which is at 0";
      break;
    case Op::kIoRead:
      text << "waits for input that nobody sends";
      break;
    default:
      text << "is at: " << op_name(end.op);
  }
  const Place place = symbols.place(end.stack);
  text << " (" << render(place) << ", since step " << end.since_step << ")";
  return text.str();
}

std::string state_at_end(const Outcome& outcome, Names& names, Symbols& symbols) {
  std::ostringstream text;
  for (std::uint32_t i = 0; i < outcome.thread_count && i < kMaxThreads; ++i) {
    const ThreadEnd& end = outcome.ends[i];
    if (!end.is_live) continue;
    text << "  " << names.thread(static_cast<int>(i)) << ' ';
    text << (end.is_waiting ? wait_of(end, names, symbols) : "could go on") << '\n';
  }
  for (std::uint32_t i = 0; i < outcome.lock_count && i < kMaxLocks; ++i) {
    const Lock& lock = outcome.locks[i];
    text << "  " << names.object(lock.object) << " is held by " << names.thread(lock.holder);
    if (lock.holder >= 0 && lock.holder < kMaxThreads && !outcome.ends[lock.holder].is_live)
      text << ", which has ended";
    text << ", taken at " << render(symbols.place(lock.stack)) << '\n';
  }
  return text.str();
}

std::string side(const RaceSide& side, Names& names, Symbols& symbols) {
  std::ostringstream text;
  text << "  " << names.thread(side.thread) << (side.is_write ? " writes" : " reads")
       << (side.is_atomic ? " (atomically)" : "");
  const Place place = symbols.place(side.stack);
  text << " at " << render(place) << ": " << symbols.source_line(place) << '\n';
  return text.str();
}

bool has_state(Verdict verdict) {
  return verdict == Verdict::kDeadlock || verdict == Verdict::kLostWakeup ||
         verdict == Verdict::kLivelock || verdict == Verdict::kStarvation ||
         verdict == Verdict::kLockLeak;
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
}

void show_failure(ProgramSubject& subject, const Failure& failure, const std::string& svg) {
  const Channel& channel = subject.channel();
  Symbols symbols(subject.path());
  std::printf("%s\n", explain(failure, channel, symbols).c_str());
  const std::string words = subject.last_words();
  if (!words.empty()) std::printf("The program's last words:\n%s\n", words.c_str());
  const Timeline timeline = make_timeline(channel, symbols);
  std::printf("%s\n", render_text(timeline).c_str());
  if (!svg.empty()) write_file(svg, render_svg(timeline));
}

}  // namespace

const char* verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kNone:
      return "wrong result";
    case Verdict::kDeadlock:
      return "deadlock";
    case Verdict::kLostWakeup:
      return "lost wake-up";
    case Verdict::kUseAfterFree:
      return "use after free";
    case Verdict::kDoubleFree:
      return "double free";
    case Verdict::kCrash:
      return "crash";
    case Verdict::kLivelock:
      return "possible livelock";
    case Verdict::kStarvation:
      return "starvation";
    case Verdict::kLockLeak:
      return "lock kept at a thread's end";
    case Verdict::kMisuse:
      return "misuse of synchronisation";
    case Verdict::kRace:
      return "data race";
    case Verdict::kUnsupported:
      return "not supported";
    case Verdict::kStuck:
      return "stuck";
  }
  return "?";
}

const char* strategy_name(StrategyKind kind) {
  constexpr const char* kNames[kStrategyKinds] = {"random", "pos", "surw", "pct", "replay"};
  return kNames[static_cast<int>(kind)];
}

std::string summary(const CampaignResult& result) {
  std::ostringstream text;
  if (result.failure) {
    text << verdict_name(result.failure->verdict) << " (" << result.failure->what
         << ") in schedule " << result.failure->schedule_number << " ("
         << strategy_name(result.failure->strategy) << "), "
         << preemptions(result.failure->schedule) << " preemptions";
  } else {
    text << "nothing found";
  }
  text << "; " << result.schedules << " schedules in " << result.seconds << " s";
  if (result.is_timed_out) text << ", cut short by the budget in seconds";
  return text.str();
}

std::string explain(const Failure& failure, const Channel& channel, Symbols& symbols) {
  const Outcome& outcome = channel.outcome;
  Names names(channel, symbols);
  std::ostringstream text;
  text << verdict_name(failure.verdict) << ": " << failure.what << '\n';
  if (failure.verdict == Verdict::kRace) {
    text << side(outcome.race[0], names, symbols) << side(outcome.race[1], names, symbols);
    text << "  The memory is " << names.object(outcome.race_address) << ".\n";
  } else if (outcome.verdict != Verdict::kNone || outcome.has_note) {
    const Stack& stack = outcome.verdict != Verdict::kNone ? outcome.stack : outcome.note_stack;
    const Place place = symbols.place(stack);
    if (place.line != 0)
      text << "  at " << render(place) << ": " << symbols.source_line(place) << '\n';
  }
  if (failure.verdict == Verdict::kUseAfterFree) {
    text << "  It was freed by " << names.thread(outcome.race[0].thread) << " at "
         << render(symbols.place(outcome.race[0].stack)) << ".\n";
  }
  if (outcome.is_truncated) text << "  The run was too long to be kept whole.\n";
  if (has_state(failure.verdict)) text << state_at_end(outcome, names, symbols);
  return text.str();
}

// Who waits in vain stands at the line to look at: for a signal that was lost first, then for a
// lock that somebody holds, then for anything but the end of another thread.
static std::string waiting_place(const Outcome& outcome, Symbols& symbols) {
  std::string best;
  int best_rank = 0;
  for (std::uint32_t i = 0; i < outcome.thread_count && i < kMaxThreads; ++i) {
    const ThreadEnd& end = outcome.ends[i];
    const Place place = symbols.place(end.stack);
    if (!end.is_live || !end.is_waiting || !symbols.is_own(place)) continue;
    int rank = end.op == Op::kJoin ? 1 : 2;
    if (end.op == Op::kCondWait) rank = 3;
    if (end.holder >= 0 && (end.op == Op::kLock || end.op == Op::kReadLock)) rank = 4;
    if (end.lost_by >= 0) rank = 5;
    if (rank <= best_rank) continue;
    best_rank = rank;
    best = place.file + ':' + std::to_string(place.line);
  }
  return best;
}

std::string place_of(const Failure& failure, const Outcome& outcome, Symbols& symbols) {
  if (failure.verdict == Verdict::kDeadlock || failure.verdict == Verdict::kLostWakeup) {
    const std::string place = waiting_place(outcome, symbols);
    if (!place.empty()) return place;
  }
  Stack stack{};
  if (failure.verdict == Verdict::kRace) {
    for (int i = 0; i < kMaxFrames; ++i) stack.frames[i] = outcome.race[1].stack.frames[i];
  } else if (outcome.verdict != Verdict::kNone) {
    stack = outcome.stack;
  } else if (outcome.has_note) {
    stack = outcome.note_stack;
  }
  const Place place = symbols.place(stack);
  return !symbols.is_own(place) ? "" : place.file + ':' + std::to_string(place.line);
}

void show(ProgramSubject& subject, const CampaignResult& result, const std::string& svg) {
  std::printf("%s\n", summary(result).c_str());
  if (!result.failure) return;
  const std::optional<Failure> again =
      failure_of(subject.replay(result.failure->schedule), judge_status);
  if (!again || again->verdict != result.failure->verdict) {
    std::printf("%s: %s\n%s\n", verdict_name(result.failure->verdict), result.failure->what.c_str(),
                kSeenOnce);
    return;
  }
  show_failure(subject, *result.failure, svg);
  std::printf("token: %s\n",
              encode_schedule(result.failure->schedule, hash_of_program(subject.path())).c_str());
}

int show_replay(ProgramSubject& subject, const std::string& text, const std::string& svg) {
  const Token token = parse_schedule(text);
  subject.replay(token.schedule);  // learns what is worth showing
  const Outcome& outcome = subject.replay(token.schedule);
  if (outcome.diverged || outcome.replay_hash != token.schedule.run_hash) {
    const bool is_same = hash_of_program(subject.path()) == token.program_hash;
    std::printf("This is not the interleaving of the token: %s.\n",
                is_same ? "the program does something that the schedule does not decide"
                        : "the program's code is not the same");
  }
  const std::optional<Failure> failure = failure_of(outcome, judge_status);
  if (!failure) {
    std::printf("Nothing went wrong.\n");
    return 0;
  }
  show_failure(subject, *failure, svg);
  return 1;
}

}  // namespace kit::explore
