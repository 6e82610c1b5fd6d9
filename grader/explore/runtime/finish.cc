#include "grader/explore/runtime/finish.h"

#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <initializer_list>

#include "grader/explore/runtime/names.h"
#include "grader/explore/runtime/raw.h"
#include "grader/explore/runtime/trace.h"
#include "grader/explore/runtime/waits.h"

// The place for a breakpoint: the run has come to a verdict, and all threads stand where they
// stood.
extern "C" __attribute__((noinline)) void kit_explore_found(const char* text) {
  __asm__ volatile("" : : "r"(text) : "memory");
}

namespace kit::explore {

bool g_is_watched_by_person = false;

namespace {

void copy_text(char (&to)[256], const char* text) {
  std::size_t i = 0;
  for (; text[i] != '\0' && i + 1 < sizeof to; ++i) to[i] = text[i];
  to[i] = '\0';
}

void tell(const char* text) {
  constexpr char kPrefix[] = "\nexplore: ";
  raw_syscall(SYS_write, STDERR_FILENO, kPrefix, sizeof kPrefix - 1);
  raw_syscall(SYS_write, STDERR_FILENO, text, strlen(text));
  raw_syscall(SYS_write, STDERR_FILENO, "\n", 1);
}

// All processes of the run end with this one: the fork server sees the first one go and sweeps up.
[[noreturn]] void end_run() {
  if (g_is_watched_by_person) {
    tell(g_channel->outcome.text);
    kit_explore_found(g_channel->outcome.text);
    remove_names_of_run();
  }
  g_world->is_over = true;
  const int first = g_world->processes[0].pid;
  if (first != getpid()) raw_syscall(SYS_kill, first, SIGKILL);
  raw_syscall(SYS_exit_group, kRunEnded);
  __builtin_unreachable();
}

void on_crash(int signal) {
  if (t_self == nullptr || g_world->is_over) {
    raw_syscall(SYS_exit_group, 128 + signal);
  }
  t_inside = true;
  t_self->pc = 0;
  find_call_in_program();
  const char* text = "the program was ended by a signal";
  if (signal == SIGSEGV) text = "the program touched memory that it does not have (SIGSEGV)";
  if (signal == SIGABRT)
    text = "the program ended itself: abort(), a failed assert or an exception that nobody caught";
  if (signal == SIGFPE) text = "the program divided by zero (SIGFPE)";
  finish(Verdict::kCrash, text);
}

}  // namespace

void finish_about(int thread, Verdict verdict, const char* text) {
  t_inside = true;
  Outcome& outcome = g_channel->outcome;
  outcome.verdict = verdict;
  outcome.thread = thread;
  copy_text(outcome.text, text);
  outcome.stack = stack_of(g_world->threads[thread]);
  record_ends();
  end_run();
}

void finish(Verdict verdict, const char* text) {
  t_inside = true;
  Outcome& outcome = g_channel->outcome;
  if (outcome.verdict == Verdict::kNone) {
    outcome.verdict = verdict;
    outcome.thread = t_self == nullptr ? kNobody : self_id();
    copy_text(outcome.text, text);
    if (t_self != nullptr) outcome.stack = stack_of(*t_self);
  }
  record_ends();
  end_run();
}

void finish_unsupported(const char* what) { finish(Verdict::kUnsupported, what); }

void note_misuse(Verdict verdict, const char* text) {
  Outcome& outcome = g_channel->outcome;
  if (outcome.has_note) return;
  outcome.has_note = true;
  outcome.note = verdict;
  outcome.note_stack = stack_of(*t_self);
  outcome.thread = self_id();
  copy_text(outcome.note_text, text);
}

void record_ends() {
  Outcome& outcome = g_channel->outcome;
  outcome.steps = g_world->step;
  outcome.operations = 0;
  for (int i = 0; i < g_world->thread_count; ++i) outcome.operations += g_world->threads[i].ops;
  outcome.thread_count = g_world->thread_count;
  for (int i = 0; i < g_world->thread_count; ++i) outcome.ends[i] = end_of(i);
  outcome.lock_count = 0;
  for (int i = 0; i < g_world->object_count; ++i) {
    const Object& object = g_world->objects[i];
    if (object.owner == kNobody || outcome.lock_count == kMaxLocks) continue;
    outcome.locks[outcome.lock_count++] = {object.key, object.owner, object.taken_at};
  }
}

void watch_for_crashes() {
  struct sigaction action {};
  action.sa_handler = on_crash;
  action.sa_flags = SA_NODEFER | SA_RESETHAND;
  for (const int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL})
    KIT_REAL(sigaction)(signal, &action, nullptr);
}

}  // namespace kit::explore
