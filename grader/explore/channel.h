// What the explorer's two sides say to each other: the driver, which plans schedules and judges
// them, and the runtime, which lives in the subject's process and carries them out.
//
// Both map one memory (a memfd that the driver makes). For each schedule the driver writes a Plan
// and says "go"; the runtime's fork server runs one child under that plan, fills in the Outcome,
// the recorded schedule and the trace, and says "done". See docs/explorer.md for the whole picture.
//
// Ownership: the driver makes the memory, both map it. Thread-safety: the two sides take turns.
// Errors: the driver believes no count in here without a bound: the subject's process wrote it.
#ifndef GRADER_EXPLORE_CHANNEL_H_
#define GRADER_EXPLORE_CHANNEL_H_

#include <cstdint>

#include "grader/explore/op.h"

namespace kit::explore {

inline constexpr int kMaxThreads = 192;
inline constexpr int kMaxEvents = 1 << 15;
inline constexpr int kMaxSwitches = 1 << 18;
inline constexpr int kMaxPicks = 1 << 14;
inline constexpr int kMaxLearned = 2048;
inline constexpr int kMaxFrames = 10;

enum class StrategyKind : std::uint8_t { kRandom, kPos, kSurw, kPct, kReplay };
inline constexpr int kStrategyKinds = 5;

// Why the thread that was chosen may go on.
enum class Why : std::uint8_t {
  kReady,     // its next operation can proceed
  kTimeout,   // the time that it was willing to wait is over
  kSpurious,  // a condition variable may wake without a signal
  kDeath,     // its process is killed here
};

// The schedule is a list of these: "when the running thread has made `at` operations, `to` goes
// on". Operations are counted per thread, all of them, also those at which nobody would have
// switched: so the list means the same whatever the explorer knew about the memory at the time.
struct Switch {
  std::uint32_t at;
  std::uint16_t to;
  Why why;
  std::uint8_t preempts;  // the thread that was left could have gone on
};

struct Plan {
  StrategyKind strategy;
  bool memory_points;  // switch also at plain memory that is written and shared
  bool spurious;       // condition variables may wake without a signal
  bool short_io;       // reads and writes may be short
  bool deaths;         // processes may be killed
  bool is_hasty;       // what comes from outside is hardly waited for
  bool delays_nested;  // a lock is taken last by who has one already
  std::uint8_t pct_depth;
  std::uint64_t seed;
  std::uint32_t step_limit;                // from there on, the scheduler is fair
  std::uint32_t fair_steps;                // and after so many fair steps, the run is ended
  std::uint32_t turns_from;                // from there on, threads take turns; 0: never
  std::uint32_t usual_steps;               // of a run of this program, for PCT
  std::uint64_t surw_object;               // SURW: the object whose operations are spread evenly
  std::uint32_t surw_counts[kMaxThreads];  // how many of them a thread and its descendants make
  std::uint16_t surw_first;                // this thread makes its first ones
  std::uint16_t surw_first_count;          // so many, before anybody else does; 0: as it comes
  std::uint32_t switch_count;              // kReplay: what to follow
  std::uint32_t pick_count;
};

// A call stack as offsets in the executable, innermost first; 0 is a place outside of it.
struct Stack {
  std::uint32_t frames[kMaxFrames];
};

struct Event {
  std::uint32_t step;
  std::uint16_t thread;
  Op op;
  Why why;
  std::uint64_t object;
  bool after_preemption;  // before it, another thread was interrupted
  // Of a signal: who was woken, or -1. Of create and join: the other thread. Of a try for a
  // semaphore: 0 when it was in vain.
  std::int32_t detail;
  Stack stack;
};

enum class Verdict : std::uint8_t {
  kNone,  // ran to its end; whether the result is right is the judge's business
  kDeadlock,
  kLostWakeup,
  kUseAfterFree,
  kDoubleFree,
  kCrash,
  kLivelock,
  kStarvation,
  kLockLeak,  // a thread ended and kept a lock
  kMisuse,    // unlocks what it does not hold, destroys what is in use
  kRace,
  kUnsupported,  // met what the explorer does not control
  kStuck,        // blocked or computing in a place that the explorer does not see
};

inline constexpr int kNameBytes = 16;

// Where a thread stood at the end.
struct ThreadEnd {
  char name[kNameBytes];  // that the program gave it (kit_name_thread()), or ""
  bool is_live;
  bool is_waiting;
  Op op;
  std::uint64_t object;
  std::int32_t holder;       // of the lock that it waits for, or the thread it wants to join; or -1
  std::uint32_t since_step;  // began to wait
  std::int32_t lost_by;      // the thread whose signal found no waiter, or -1
  std::uint32_t lost_step;
  std::uint16_t process;
  Stack stack;
};

struct Lock {
  std::uint64_t object;
  std::int32_t holder;
  Stack stack;  // where it was taken
};
inline constexpr int kMaxLocks = 64;

struct RaceSide {
  std::uint16_t thread;
  bool is_write;
  bool is_atomic;
  std::uint32_t step;
  Stack stack;
};

struct Outcome {
  Verdict verdict;
  bool has_race;
  bool has_note;  // of a misuse or of a lock that was kept, which alone do not end the run
  Verdict note;
  bool diverged;            // the schedule to replay could not be followed
  bool is_truncated;        // the trace was too long
  bool was_fair;            // reached the step limit and went on under the fair scheduler
  bool took_turns;          // and threads took turns there
  std::uint32_t fair_from;  // the switch at which that began
  char text[256];           // what was met, in words
  char note_text[256];
  Stack stack;
  Stack note_stack;
  std::int32_t thread;  // that did it, or -1
  RaceSide race[2];
  std::uint64_t race_address;
  std::int32_t wait_status;  // as waitpid() gives it
  std::uint32_t steps;
  std::uint64_t operations;  // of all threads, also those that were no steps
  std::uint32_t preemptions;
  std::uint32_t thread_count;
  std::uint64_t trace_hash;   // of all that happened
  std::uint64_t switch_hash;  // the same, when the last switch was made
  std::uint64_t replay_hash;  // when the last switch was made that was to be replayed
  std::uint64_t fair_hash;    // when the last switch was made before the scheduler was fair
  std::uint32_t lock_count;
  Lock locks[kMaxLocks];
  ThreadEnd ends[kMaxThreads];
};

struct Channel {
  Plan plan;
  Outcome outcome;
  std::uint64_t load_base;  // where the executable lies in memory
  // In: the schedule to replay. Out: the one that was run.
  Switch replay[kMaxSwitches];
  std::uint8_t replay_picks[kMaxPicks];
  std::uint32_t switch_count;
  Switch switches[kMaxSwitches];
  std::uint32_t pick_count;
  std::uint8_t picks[kMaxPicks];
  // What is worth switching at, learnt from all runs so far.
  std::uint32_t learned_count;
  std::uint64_t learned[kMaxLearned];
  std::uint32_t event_count;
  Event events[kMaxEvents];
};

// "<channel fd>,<fd that says go>,<fd that says done>": without it, the runtime keeps out of the
// way.
inline constexpr char kChannelVariable[] = "KIT_EXPLORE_FD";
// Or "once:<file>", a file that holds a Channel: then the program carries out that one plan in the
// foreground, as itself, for a debugger.
inline constexpr char kOncePrefix[] = "once:";
// In such a run this function of the runtime's is called when a verdict is found. For breakpoints.
inline constexpr char kFoundFunction[] = "kit_explore_found";

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_CHANNEL_H_
