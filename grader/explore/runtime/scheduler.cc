#include "grader/explore/runtime/scheduler.h"

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>

#include "grader/explore/runtime/death.h"
#include "grader/explore/runtime/finish.h"
#include "grader/explore/runtime/raw.h"
#include "grader/explore/runtime/replay.h"
#include "grader/explore/runtime/strategy.h"
#include "grader/explore/runtime/trace.h"
#include "grader/explore/runtime/waits.h"

namespace kit::explore {
namespace {

constexpr int kEarlyTimeoutOdds = 200;  // a timed wait may end though others could still go on
constexpr int kSpuriousOdds = 40;
constexpr int kDeathOdds = 20;

Strategy* strategy() { return reinterpret_cast<Strategy*>(g_world->strategy); }

const Plan& plan() { return g_channel->plan; }

void wake(std::uint32_t* baton) {
  __atomic_store_n(baton, 1, __ATOMIC_RELEASE);
  raw_syscall(SYS_futex, baton, FUTEX_WAKE, 1);
}

void note_switch(int from, Choice to, bool preempts) {
  if (preempts) ++g_channel->outcome.preemptions;
  g_world->threads[to.thread].came_by_preemption = preempts;
  Outcome& outcome = g_channel->outcome;
  outcome.switch_hash = outcome.trace_hash;
  if (g_channel->switch_count < plan().switch_count) outcome.replay_hash = outcome.trace_hash;
  if (g_channel->switch_count == kMaxSwitches) {
    g_channel->outcome.is_truncated = true;
    return;
  }
  g_channel->switches[g_channel->switch_count++] = {
      g_world->threads[from].ops, static_cast<std::uint16_t>(to.thread), to.why, preempts};
}

int collect_options(Option* options) {
  int count = 0;
  for (int i = 0; i < g_world->thread_count; ++i) {
    if (!is_enabled(i)) continue;
    const Pending& pending = g_world->threads[i].pending;
    options[count++] = {i, pending.op, pending.key, pending.writes};
  }
  return count;
}

int random_cond_waiter() {
  int waiters[kMaxThreads];
  int count = 0;
  for (int i = 0; i < g_world->thread_count; ++i) {
    if (applies(i, Why::kSpurious) && !g_world->threads[i].is_woken) waiters[count++] = i;
  }
  return count == 0 ? kNobody : waiters[g_world->random.below(count)];
}

// What may happen to a thread though nobody did anything: a wait's time is over, a condition
// variable wakes without a signal, a process is killed.
Choice surprise() {
  Random& random = g_world->random;
  if (plan().strategy != StrategyKind::kPct && random.one_in(kEarlyTimeoutOdds)) {
    const int thread = next_by_deadline();
    if (thread != kNobody) return {thread, Why::kTimeout};
  }
  if (plan().spurious && random.one_in(kSpuriousOdds)) {
    const int thread = random_cond_waiter();
    if (thread != kNobody) return {thread, Why::kSpurious};
  }
  if (plan().deaths && g_world->may_die && random.one_in(kDeathOdds)) {
    const int thread = random_victim();
    if (thread != kNobody) return {thread, Why::kDeath};
  }
  return {kNobody, Why::kReady};
}

Choice choose_freely() {
  Option options[kMaxThreads];
  const int count = collect_options(options);
  if (count == 0) return {kNobody, Why::kReady};
  const Choice surprised = surprise();
  if (surprised.thread != kNobody) return surprised;
  if (count == 1 && plan().strategy == StrategyKind::kRandom)
    return {options[0].thread, Why::kReady};
  const int chosen = g_world->is_fair ? static_cast<int>(g_world->random.below(count))
                                      : strategy()->choose(options, count);
  return {options[chosen].thread, Why::kReady};
}

// Nobody is enabled. Time goes on, or something comes from outside, or this is the end.
Choice choose_by_time() {
  if (wait_for_fds(0)) return {kNobody, Why::kReady};
  const int thread = next_by_deadline();
  if (thread != kNobody) return {thread, Why::kTimeout};
  const int other = next_to_ask();
  if (other != kNobody) return {other, Why::kReady};
  if (wait_for_fds(outside_ms())) return {kNobody, Why::kReady};
  end_by_deadlock();
}

Choice choose() {
  while (true) {
    const bool is_replay = plan().strategy == StrategyKind::kReplay;
    Choice choice = is_replay ? next_by_replay() : choose_freely();
    if (choice.thread == kNobody) choice = choose_by_time();
    if (choice.thread != kNobody) return choice;
  }
}

// Between the two limits, every thread gets its turn sooner or later: what only an unfair scheduler
// keeps from ending, ends now.
void check_limits() {
  const std::uint32_t step = ++g_world->step;
  if (step < plan().step_limit) return;
  if (!g_world->is_fair) {
    g_world->is_fair = true;
    g_channel->outcome.was_fair = true;
  }
  if (step < plan().step_limit + plan().fair_steps) return;
  for (int i = 0; i < g_world->thread_count; ++i) {
    const Thread& thread = g_world->threads[i];
    const bool waits = thread.is_live && !is_enabled(thread) && thread.pending.object != nullptr;
    if (waits && thread.pending.wait == Wait::kWritable && thread.since_step < plan().step_limit) {
      finish(Verdict::kStarvation, "a thread waits for a lock, and others get it over and over");
    }
  }
  finish(Verdict::kLivelock, "threads run and get nowhere, though each of them gets its turn");
}

void hand_over(Choice choice) {
  Thread& next = g_world->threads[choice.thread];
  next.why = choice.why;
  if (choice.why == Why::kTimeout && next.pending.deadline_ns > g_world->now_ns) {
    g_world->now_ns = next.pending.deadline_ns;
    g_world->time_reads = 0;
  }
}

Why decide() {
  check_limits();
  const int self = self_id();
  const Choice choice = choose();
  if (choice.why == Why::kDeath) {
    note_switch(self, choice, false);
    kill_process_of(choice.thread);
    return decide();
  }
  if (choice.thread != self || choice.why != Why::kReady) {
    note_switch(self, choice, choice.why == Why::kReady && is_enabled(self));
  }
  hand_over(choice);
  if (choice.thread != self) {
    wake(&g_world->threads[choice.thread].baton);
    wait_for_baton();
  }
  return t_self->why;
}

Why stand_at(const Intent& intent) {
  t_self->since_step = g_world->step;
  if (intent.op != Op::kFree) find_call_in_program();
  t_self->pending = {intent.op,  intent.writes,  intent.wait,  intent.has_deadline,
                     intent.key, intent.object,  intent.other, intent.deadline_ns,
                     intent.fds, intent.fd_count};
  if (intent.wait != Wait::kNothing) end_if_cycle();
  const Why why = decide();
  t_self->pending.wait = Wait::kNothing;
  t_self->pending.has_deadline = false;
  return why;
}

}  // namespace

Why point(const Intent& intent) {
  ++t_self->ops;
  return stand_at(intent);
}

Why point_at_memory(const Intent& intent) { return stand_at(intent); }

void wait_for_baton() {
  std::uint32_t* baton = &t_self->baton;
  while (__atomic_load_n(baton, __ATOMIC_ACQUIRE) == 0) {
    raw_syscall(SYS_futex, baton, FUTEX_WAIT, 0, nullptr);
  }
  *baton = 0;
}

void leave() {
  ++t_self->ops;
  bool is_last = true;
  for (int i = 0; i < g_world->thread_count; ++i) is_last = is_last && !g_world->threads[i].is_live;
  if (is_last) return;
  const Choice choice = choose();
  note_switch(self_id(), choice, false);
  hand_over(choice);
  wake(&g_world->threads[choice.thread].baton);
}

int pick(int count) {
  if (count <= 1) return 0;
  const int picked = plan().strategy == StrategyKind::kReplay
                         ? pick_by_replay(count)
                         : static_cast<int>(g_world->random.below(count));
  if (g_channel->pick_count < kMaxPicks)
    g_channel->picks[g_channel->pick_count++] = static_cast<std::uint8_t>(picked);
  return picked;
}

int wake_one(const Object* object) {
  int waiters[kMaxThreads];
  int count = 0;
  for (int i = 0; i < g_world->thread_count; ++i) {
    const Thread& thread = g_world->threads[i];
    const bool waits = thread.is_live && !thread.is_woken && thread.pending.wait == Wait::kWoken;
    if (waits && thread.pending.object == object) waiters[count++] = i;
  }
  if (count == 0) return kNobody;
  const int woken = waiters[pick(count)];
  g_world->threads[woken].is_woken = true;
  return woken;
}

int wake_all(const Object* object) {
  int count = 0;
  for (int i = 0; i < g_world->thread_count; ++i) {
    Thread& thread = g_world->threads[i];
    const bool waits = thread.is_live && !thread.is_woken && thread.pending.wait == Wait::kWoken;
    if (!waits || thread.pending.object != object) continue;
    thread.is_woken = true;
    ++count;
  }
  return count;
}

void note_new_thread(int thread, int creator) { strategy()->on_create(thread, creator); }

void start_scheduler() {
  static_assert(sizeof g_world->strategy >= kStrategyBytes);
  set_next_stop();
  switch (plan().strategy) {
    case StrategyKind::kPos:
      make_pos(g_world->strategy, g_world->random);
      return;
    case StrategyKind::kSurw:
      make_surw(g_world->strategy, g_world->random, plan());
      return;
    case StrategyKind::kPct:
      make_pct(g_world->strategy, g_world->random, plan());
      return;
    case StrategyKind::kRandom:
    case StrategyKind::kReplay:
      make_random(g_world->strategy, g_world->random);
      return;
  }
}

}  // namespace kit::explore
