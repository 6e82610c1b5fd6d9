#include "grader/explore/runtime/replay.h"

#include "grader/explore/runtime/scheduler.h"
#include "grader/explore/runtime/waits.h"

namespace kit::explore {
namespace {

bool is_done() { return g_world->replayed >= g_channel->plan.switch_count; }

const Switch& next_switch() { return g_channel->replay[g_world->replayed]; }

// A thread of another process was let go on to look at its descriptors.
bool is_to_ask(const Switch& next) {
  if (next.to >= g_world->thread_count || next.why != Why::kReady) return false;
  const Thread& thread = g_world->threads[next.to];
  return thread.is_live && thread.pending.wait == Wait::kFds && thread.process != t_self->process;
}

// The first of the remaining switches that can be made.
Choice next_that_applies() {
  while (!is_done()) {
    const Switch next = next_switch();
    ++g_world->replayed;
    set_next_stop();
    if (applies(next.to, next.why) || is_to_ask(next)) return {next.to, next.why};
    // What comes through the kernel may be a moment later than it was when this was recorded.
    if (wait_for_fds(outside_ms()) && applies(next.to, next.why)) return {next.to, next.why};
    g_channel->outcome.diverged = true;
  }
  return {kNobody, Why::kReady};
}

Choice without_a_schedule() {
  if (is_enabled(self_id())) return {self_id(), Why::kReady};
  for (int i = 0; i < g_world->thread_count; ++i) {
    if (is_enabled(i)) return {i, Why::kReady};
  }
  return {kNobody, Why::kReady};
}

}  // namespace

void set_next_stop() { g_world->stop_at = is_done() ? t_self->ops + kQuantum : next_switch().at; }

Choice next_by_replay() {
  if (is_done()) return without_a_schedule();
  const bool must_stop = t_self->ops >= g_world->stop_at;
  if (t_self->ops > g_world->stop_at) g_channel->outcome.diverged = true;
  if (!must_stop && is_enabled(self_id())) return {self_id(), Why::kReady};
  if (!must_stop) g_channel->outcome.diverged = true;
  const Choice choice = next_that_applies();
  return choice.thread == kNobody ? without_a_schedule() : choice;
}

int pick_by_replay(int count) {
  if (g_world->replayed_picks >= g_channel->plan.pick_count) return 0;
  return g_channel->replay_picks[g_world->replayed_picks++] % count;
}

}  // namespace kit::explore
