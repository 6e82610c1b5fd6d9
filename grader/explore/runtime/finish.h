// The end of a run: a verdict that the runtime itself can give, and the state at that moment.
//
// Each of these is witnessed: it is said when it has happened, never because it might.
// Thread-safety: the baton's holder. None of these returns, except note_misuse().
#ifndef GRADER_EXPLORE_RUNTIME_FINISH_H_
#define GRADER_EXPLORE_RUNTIME_FINISH_H_

#include "grader/explore/runtime/world.h"

namespace kit::explore {

inline constexpr int kRuntimeFault = 119;  // exit status: the runtime could not do its work
// Whether this is a run in the foreground, under a debugger.
extern bool g_is_watched_by_person;

inline constexpr int kRunEnded = 118;  // exit status: the outcome says why

[[noreturn]] void finish(Verdict verdict, const char* text);
// The same, about a thread that is not the calling one.
[[noreturn]] void finish_about(int thread, Verdict verdict, const char* text);
[[noreturn]] void finish_unsupported(const char* what);

// Not wrong enough to end the run: what comes of it is better evidence. The first one is kept.
void note_misuse(Verdict verdict, const char* text);

// Writes the state of all threads and locks into the outcome.
void record_ends();

// Catches the signals that kill, so that a crash has a place and a trace.
void watch_for_crashes();

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_RUNTIME_FINISH_H_
