// Sending signals, asking for them, and what is done about them; see signals.h.
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "grader/explore/runtime/death.h"
#include "grader/explore/runtime/finish.h"
#include "grader/explore/runtime/real.h"
#include "grader/explore/runtime/scheduler.h"
#include "grader/explore/runtime/signals.h"
#include "grader/explore/runtime/threads.h"
#include "grader/explore/runtime/trace.h"

namespace kit::explore {
namespace {

// The calling process or one of the run's; kNobody: neither.
int process_of(pid_t pid) {
  if (pid == 0) return kNobody;
  if (pid == getpid()) return t_self->process;
  for (int i = 0; i < g_world->process_count; ++i) {
    if (g_world->processes[i].pid == pid) return i;
  }
  return kNobody;
}

Fate kill_here(int process, int signal) {
  point({.op = Op::kSignal});
  if (process == kNobody) finish_unsupported("kill() of a process that is not part of the run");
  const Fate fate =
      process == t_self->process ? send_to_own(signal, kNobody) : send_to_process(signal, process);
  record(Op::kSignal, 0);
  return fate;
}

Fate kill_thread_here(pthread_t handle, int signal) {
  point({.op = Op::kSignal});
  const int thread = find_thread(handle);
  if (thread == kNobody) finish_unsupported("pthread_kill() of a thread that has ended");
  const Fate fate = send_to_own(signal, thread);
  record(Op::kSignal, 0);
  return fate;
}

// The handler runs here and now, as the program's own code, or the process ends.
int arrive(int signal) {
  bool ends_child = false;
  {
    Entry entry(KIT_PC);
    struct sigaction action {};
    KIT_REAL(sigaction)(signal, nullptr, &action);
    const bool is_default = (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_DFL;
    ends_child = is_default && t_self->process != 0;
    if (ends_child) end_own_process(signal);
  }
  return KIT_REAL(raise)(signal);
}

int wait_here(const sigset_t& set, bool has_deadline, std::uint64_t limit_ns) {
  t_self->awaited = set_of(set);
  const Why why = point({.op = Op::kSignal,
                         .wait = Wait::kSignal,
                         .has_deadline = has_deadline,
                         .deadline_ns = g_world->now_ns + limit_ns});
  const int signal = take_signal(t_self->awaited);
  t_self->awaited = 0;
  record(Op::kSignal, 0);
  return signal == 0 && why == Why::kTimeout ? 0 : signal;
}

int sigmask_here(int how, const sigset_t* set, sigset_t* old) {
  int arrived = 0;
  const int result = KIT_REAL(pthread_sigmask)(how, set, old);
  do {
    {
      Entry entry(KIT_PC);
      note_mask();
      arrived = take_signal(~t_self->blocked);
    }
    if (arrived != 0) KIT_REAL(raise)(arrived);
  } while (arrived != 0);
  return result;
}

}  // namespace
}  // namespace kit::explore

using kit::explore::arrive;
using kit::explore::Entry;
using kit::explore::Fate;
using kit::explore::is_explored;

extern "C" {

int sigaction(int signal, const struct sigaction* action, struct sigaction* old) {
  const int result = KIT_REAL(sigaction)(signal, action, old);
  if (!is_explored() || action == nullptr || result != 0) return result;
  Entry entry(KIT_PC);
  kit::explore::note_disposition(signal, *action);
  return result;
}

sighandler_t signal(int number, sighandler_t handler) {
  if (!is_explored()) return KIT_REAL(signal)(number, handler);
  struct sigaction action {};
  struct sigaction old {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  return sigaction(number, &action, &old) == 0 ? old.sa_handler : SIG_ERR;
}

int pthread_sigmask(int how, const sigset_t* set, sigset_t* old) {
  if (!is_explored()) return KIT_REAL(pthread_sigmask)(how, set, old);
  return kit::explore::sigmask_here(how, set, old);
}

int sigprocmask(int how, const sigset_t* __restrict set, sigset_t* __restrict old) {
  const int error = pthread_sigmask(how, set, old);
  if (error != 0) errno = error;
  return error == 0 ? 0 : -1;
}

int raise(int signal) {
  if (!is_explored() || signal == 0 || signal == SIGABRT) return KIT_REAL(raise)(signal);
  return pthread_kill(pthread_self(), signal) == 0 ? 0 : -1;
}

int pthread_kill(pthread_t handle, int signal) {
  if (!is_explored() || signal == 0) return KIT_REAL(pthread_kill)(handle, signal);
  Fate fate;
  {
    Entry entry(KIT_PC);
    fate = kit::explore::kill_thread_here(handle, signal);
  }
  return fate == Fate::kArrives ? arrive(signal) : 0;
}

int kill(pid_t pid, int signal) {
  if (!is_explored() || signal == 0) return KIT_REAL(kill)(pid, signal);
  Fate fate;
  {
    Entry entry(KIT_PC);
    fate = kit::explore::kill_here(kit::explore::process_of(pid), signal);
  }
  if (fate == Fate::kEndsOther) return KIT_REAL(kill)(pid, signal);
  return fate == Fate::kArrives ? arrive(signal) : 0;
}

int sigwait(const sigset_t* __restrict set, int* __restrict signal) {
  if (!is_explored()) return KIT_REAL(sigwait)(set, signal);
  Entry entry(KIT_PC);
  *signal = kit::explore::wait_here(*set, false, 0);
  return 0;
}

int sigwaitinfo(const sigset_t* __restrict set, siginfo_t* __restrict about) {
  if (!is_explored()) return KIT_REAL(sigwaitinfo)(set, about);
  Entry entry(KIT_PC);
  const int signal = kit::explore::wait_here(*set, false, 0);
  if (about != nullptr) about->si_signo = signal;
  return signal;
}

int sigtimedwait(const sigset_t* __restrict set, siginfo_t* __restrict about,
                 const timespec* __restrict limit) {
  if (!is_explored()) return KIT_REAL(sigtimedwait)(set, about, limit);
  int signal = 0;
  {
    Entry entry(KIT_PC);
    const auto ns = static_cast<std::uint64_t>(limit->tv_sec) * 1'000'000'000 +
                    static_cast<std::uint64_t>(limit->tv_nsec);
    signal = kit::explore::wait_here(*set, true, ns);
  }
  if (signal == 0) {
    errno = EAGAIN;
    return -1;
  }
  if (about != nullptr) about->si_signo = signal;
  return signal;
}

int signalfd(int fd, const sigset_t* mask, int flags) {
  if (!is_explored()) return KIT_REAL(signalfd)(fd, mask, flags);
  kit::explore::finish_unsupported("signalfd()");
}

int sigqueue(pid_t pid, int signal, const sigval value) {
  if (!is_explored()) return KIT_REAL(sigqueue)(pid, signal, value);
  kit::explore::finish_unsupported("sigqueue()");
}

}  // extern "C"
