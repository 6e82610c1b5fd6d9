#include "grader/explore/runtime/turns.h"

#include "grader/explore/runtime/world.h"

namespace kit::explore {
namespace {

constexpr std::uint32_t kMostSteps = 300;   // of a turn that does not come back to its beginning
constexpr std::uint32_t kPatience = 1'000;  // steps after which who could go on gets its turn

int place_of(int thread, const Option* options, int count) {
  for (int i = 0; i < count; ++i) {
    if (options[i].thread == thread) return i;
  }
  return -1;
}

bool is_back(const Thread& thread) {
  const Turn& turn = g_world->turn;
  return turn.steps > 0 && thread.pending.op == turn.op && thread.pending.key == turn.key &&
         thread.pc == turn.pc;
}

// The first that is enabled after the one whose turn it was.
int next_of(const Option* options, int count) {
  for (int i = 0; i < count; ++i) {
    if (options[i].thread > g_world->turn.thread) return i;
  }
  return 0;
}

// Who could go on for a moment only, between the turns of others: when the next such moment comes,
// after a while, it is theirs. A lock that is free now and then is had by everybody in the end.
int passed_over_for_long(const Option* options, int count) {
  for (int i = 0; i < count; ++i) {
    Thread& thread = g_world->threads[options[i].thread];
    if (thread.passed_over == 0) thread.passed_over = g_world->step;
    if (g_world->step - thread.passed_over > kPatience) return i;
  }
  return -1;
}

void begin_turn(int id) {
  const Thread& thread = g_world->threads[id];
  g_world->turn = {id, thread.pending.op, thread.pending.key, thread.pc, 0};
}

}  // namespace

int choose_by_turns(const Option* options, int count) {
  Turn& turn = g_world->turn;
  int chosen = passed_over_for_long(options, count);
  const int same = place_of(turn.thread, options, count);
  const bool goes_on =
      same >= 0 && turn.steps < kMostSteps && !is_back(g_world->threads[turn.thread]);
  if (chosen < 0) chosen = goes_on ? same : next_of(options, count);
  if (chosen != same || !goes_on) begin_turn(options[chosen].thread);
  ++turn.steps;
  g_world->threads[turn.thread].passed_over = 0;
  return chosen;
}

}  // namespace kit::explore
