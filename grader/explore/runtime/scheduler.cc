#include "grader/explore/runtime/scheduler.h"

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>

#include "grader/explore/runtime/death.h"
#include "grader/explore/runtime/finish.h"
#include "grader/explore/runtime/progress.h"
#include "grader/explore/runtime/raw.h"
#include "grader/explore/runtime/replay.h"
#include "grader/explore/runtime/shadow.h"
#include "grader/explore/runtime/strategy.h"
#include "grader/explore/runtime/trace.h"
#include "grader/explore/runtime/turns.h"
#include "grader/explore/runtime/waits.h"

namespace kit::explore {
namespace {

constexpr int kEarlyTimeoutOdds = 60;  // a timed wait may end though others could still go on
constexpr int kSpuriousOdds = 40;
constexpr int kDeathOdds = 20;
constexpr int kStayOdds = 8;  // fair: all but one of so many times, the running thread goes on
constexpr std::uint32_t kComputingWeight = 50;  // steps that kQuantum accesses count for

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

// Without those who have a lock and want another one, if anybody is left: so that all of them get
// to that place, as they do in the worst case.
int without_nested(Option* options, int count) {
  int kept = 0;
  for (int i = 0; i < count; ++i) {
    const bool locks = options[i].op == Op::kLock || options[i].op == Op::kTryLock;
    const bool is_nested = locks && g_world->threads[options[i].thread].held > 0;
    if (!is_nested) options[kept++] = options[i];
  }
  return kept == 0 ? count : kept;
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
    const int thread = next_by_early_deadline();
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

// Everybody who can go on does so before long.
Choice choose_fairly(const Option* options, int count) {
  if (g_world->takes_turns) return {options[choose_by_turns(options, count)].thread, Why::kReady};
  Random& random = g_world->random;
  if (random.one_in(kEarlyTimeoutOdds)) {
    const int thread = next_by_early_deadline();
    if (thread != kNobody) return {thread, Why::kTimeout};
  }
  if (is_enabled(self_id()) && !random.one_in(kStayOdds)) return {self_id(), Why::kReady};
  return {options[random.below(count)].thread, Why::kReady};
}

Choice choose_freely() {
  Option options[kMaxThreads];
  int count = collect_options(options);
  if (count == 0) return {kNobody, Why::kReady};
  if (g_world->is_fair) return choose_fairly(options, count);
  const Choice surprised = surprise();
  if (surprised.thread != kNobody) return surprised;
  if (count == 1 && plan().strategy == StrategyKind::kRandom)
    return {options[0].thread, Why::kReady};
  if (plan().delays_nested) count = without_nested(options, count);
  return {options[strategy()->choose(options, count)].thread, Why::kReady};
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
    const bool is_free = plan().strategy != StrategyKind::kReplay || g_world->is_fair;
    Choice choice = is_free ? choose_freely() : next_by_replay();
    if (choice.thread == kNobody) choice = choose_by_time();
    if (choice.thread != kNobody) return choice;
  }
}

void begin_fairness(bool takes_turns) {
  g_world->is_fair = true;
  g_world->takes_turns = takes_turns;
  g_world->turn.thread = kNobody;
  g_channel->outcome.was_fair = true;
  g_channel->outcome.took_turns = takes_turns;
  g_channel->outcome.fair_from = g_channel->switch_count;
  g_channel->outcome.fair_hash = g_channel->outcome.switch_hash;
  watch_progress();
}

bool is_following() {
  return plan().strategy == StrategyKind::kReplay && g_world->replayed < plan().switch_count;
}

// What only an unfair scheduler keeps from ending, ends once everybody has their turn. Who looks
// for somebody to give way to by turns of its own (a pause before the next try) is not held to
// that: chance has to be against it as well.
void check_limits(std::uint32_t weight) {
  ++g_world->step;
  const std::uint32_t effort = g_world->effort += weight;
  if (!g_world->is_fair) {
    if (is_following()) return;
    const bool takes_turns = plan().turns_from > 0 && g_world->step >= plan().turns_from;
    if (takes_turns || effort >= plan().step_limit) begin_fairness(takes_turns);
    return;
  }
  if (goes_in_circles(weight)) {
    if (!g_world->takes_turns || !g_world->progress.has_given_way) end_by_circle();
    begin_fairness(false);
  }
  if (effort >= plan().step_limit + plan().fair_steps)
    finish_unsupported("a run that is longer than the explorer follows");
}

void hand_over(Choice choice) {
  Thread& next = g_world->threads[choice.thread];
  next.why = choice.why;
  if (choice.why == Why::kTimeout && next.pending.deadline_ns > g_world->now_ns) {
    g_world->now_ns = next.pending.deadline_ns;
    g_world->time_reads = 0;
  }
}

Why decide(std::uint32_t weight) {
  check_limits(weight);
  const int self = self_id();
  const Choice choice = choose();
  if (choice.why == Why::kDeath) {
    note_switch(self, choice, false);
    kill_process_of(choice.thread);
    return decide(1);
  }
  if (choice.thread != self || choice.why != Why::kReady) {
    note_switch(self, choice, choice.why == Why::kReady && is_enabled(self));
  }
  hand_over(choice);
  if (choice.thread != self) {
    wake(&g_world->threads[choice.thread].baton);
    wait_for_baton();
  }
  if (!is_following()) g_world->stop_at = t_self->ops + kQuantum;
  return t_self->why;
}

// Who was woken may find the object gone: it need not outlive its last waiter's sleep.
bool is_on_object(Op op) {
  return op == Op::kLock || op == Op::kTryLock || op == Op::kReadLock || op == Op::kCondWait ||
         op == Op::kSignal || op == Op::kBroadcast || op == Op::kSemWait || op == Op::kSemPost ||
         op == Op::kBarrier;
}

Why stand_at(const Intent& intent, std::uint32_t weight = 1) {
  t_self->since_step = g_world->step;
  if (intent.op != Op::kFree) find_call_in_program();
  t_self->pending = {intent.op,  intent.writes,  intent.wait,  intent.has_deadline,
                     intent.key, intent.object,  intent.other, intent.deadline_ns,
                     intent.fds, intent.fd_count};
  if (intent.wait != Wait::kNothing) end_if_cycle();
  if (intent.op == Op::kCondWait) t_self->cond_step = g_world->step;
  if (is_watched() && (intent.op == Op::kYield || intent.op == Op::kSleep)) note_gave_way();
  const Why why = decide(weight);
  if (is_on_object(intent.op) && intent.wait != Wait::kWoken) check_object(intent.key);
  t_self->pending.wait = Wait::kNothing;
  t_self->pending.has_deadline = false;
  return why;
}

}  // namespace

Why point(const Intent& intent) {
  ++t_self->ops;
  return stand_at(intent);
}

Why point_at_memory(const Intent& intent, bool must_stop) {
  return stand_at(intent, must_stop && !is_following() ? kComputingWeight : 1);
}

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
