#include "grader/explore/runtime/signals.h"

#include <initializer_list>

#include "grader/explore/runtime/death.h"
#include "grader/explore/runtime/finish.h"
#include "grader/explore/runtime/real.h"

namespace kit::explore {
namespace {

// What a process does about a signal; kUnknown: as it was when the program began.
enum : std::uint8_t { kUnknown, kDefault, kIgnored, kHandled };

std::uint8_t kind_of(const struct sigaction& action) {
  if ((action.sa_flags & SA_SIGINFO) != 0) return kHandled;
  if (action.sa_handler == SIG_DFL) return kDefault;
  return action.sa_handler == SIG_IGN ? kIgnored : kHandled;
}

// The program's beginning is the same for all of its processes, so this one may look.
std::uint8_t disposition(int process, int signal) {
  const std::uint8_t known = g_world->processes[process].dispositions[signal];
  if (known != kUnknown) return known;
  struct sigaction action {};
  if (g_world->processes[t_self->process].dispositions[signal] != kUnknown) return kDefault;
  KIT_REAL(sigaction)(signal, nullptr, &action);
  return kind_of(action);
}

bool is_ignored(int process, int signal) {
  const std::uint8_t kind = disposition(process, signal);
  const bool is_harmless =
      signal == SIGCHLD || signal == SIGURG || signal == SIGWINCH || signal == SIGCONT;
  return kind == kIgnored || (kind == kDefault && is_harmless);
}

void check_signal(int signal) {
  if (signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU)
    finish_unsupported("a signal that stops a process");
}

bool blocks(const Thread& thread, int signal) { return (thread.blocked & bit_of(signal)) != 0; }

bool is_blocked_by_all(int process, int signal) {
  for (int i = 0; i < g_world->thread_count; ++i) {
    const Thread& thread = g_world->threads[i];
    if (thread.is_live && thread.process == process && !blocks(thread, signal)) return false;
  }
  return true;
}

}  // namespace

SignalSet set_of(const sigset_t& signals) {
  SignalSet set = 0;
  for (int signal = 1; signal <= 64; ++signal) {
    if (sigismember(&signals, signal) == 1) set |= bit_of(signal);
  }
  return set;
}

void note_mask() {
  sigset_t mask;
  KIT_REAL(pthread_sigmask)(SIG_BLOCK, nullptr, &mask);
  t_self->blocked = set_of(mask);
}

void note_disposition(int signal, const struct sigaction& action) {
  if (signal < 1 || signal > 64) return;
  g_world->processes[t_self->process].dispositions[signal] = kind_of(action);
}

void check_child_signal(int parent) {
  if (parent == kNobody || disposition(parent, SIGCHLD) != kHandled) return;
  finish_unsupported("SIGCHLD with a handler: when it arrives, no schedule decides");
}

Fate send_to_own(int signal, int to_thread) {
  check_signal(signal);
  const int process = t_self->process;
  Thread* target = to_thread == kNobody ? t_self : &g_world->threads[to_thread];
  if (is_ignored(process, signal) && !blocks(*target, signal)) return Fate::kNothing;
  if (target == t_self && !blocks(*t_self, signal)) return Fate::kArrives;
  if (to_thread != kNobody && blocks(*target, signal)) {
    target->signals |= bit_of(signal);
    return Fate::kNothing;
  }
  if (to_thread == kNobody && is_blocked_by_all(process, signal)) {
    g_world->processes[process].signals |= bit_of(signal);
    return Fate::kNothing;
  }
  if (disposition(process, signal) == kDefault) return Fate::kArrives;
  finish_unsupported("a signal that another thread handles");
}

Fate send_to_process(int signal, int process) {
  check_signal(signal);
  Process& target = g_world->processes[process];
  if (!target.is_live) return Fate::kNothing;
  if (signal != SIGKILL && is_blocked_by_all(process, signal)) {
    target.signals |= bit_of(signal);
    return Fate::kNothing;
  }
  if (signal != SIGKILL && is_ignored(process, signal)) return Fate::kNothing;
  if (signal != SIGKILL && disposition(process, signal) == kHandled)
    finish_unsupported("a signal that another process handles");
  note_process_end(process, signal);
  return Fate::kEndsOther;
}

bool has_signal(const Thread& thread) {
  const SignalSet kept = thread.signals | g_world->processes[thread.process].signals;
  return (kept & thread.awaited) != 0;
}

int take_signal(SignalSet wanted) {
  for (int signal = 1; signal <= 64; ++signal) {
    if ((wanted & bit_of(signal)) == 0) continue;
    for (SignalSet* kept : {&t_self->signals, &g_world->processes[t_self->process].signals}) {
      if ((*kept & bit_of(signal)) == 0) continue;
      *kept &= ~bit_of(signal);
      return signal;
    }
  }
  return 0;
}

}  // namespace kit::explore
