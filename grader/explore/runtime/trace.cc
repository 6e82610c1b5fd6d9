#include "grader/explore/runtime/trace.h"

#include <unwind.h>

// The linker's own names for where the program's code begins and ends.
extern "C" const char __executable_start;
extern "C" const char etext;

namespace kit::explore {
namespace {

constexpr std::uint64_t kFnvPrime = 0x100000001b3ull;

// Offsets are kept, so that they mean the same on each machine.
std::uint32_t offset_of(std::uintptr_t pc) {
  const std::uintptr_t offset = pc - g_channel->load_base;
  return pc < g_channel->load_base || offset > 0x7fffffff ? 0 : static_cast<std::uint32_t>(offset);
}

bool is_in_program(std::uintptr_t pc) {
  return pc >= reinterpret_cast<std::uintptr_t>(&__executable_start) &&
         pc < reinterpret_cast<std::uintptr_t>(&etext);
}

struct Search {
  bool has_left;  // past the runtime, which is part of the program too
  std::uintptr_t found;
};

_Unwind_Reason_Code look_at(_Unwind_Context* context, void* raw) {
  auto* search = static_cast<Search*>(raw);
  const std::uintptr_t pc = _Unwind_GetIP(context);
  const bool is_inside = is_in_program(pc);
  search->has_left = search->has_left || !is_inside;
  if (!search->has_left || !is_inside) return _URC_NO_REASON;
  search->found = pc;
  return _URC_END_OF_STACK;
}

void store(const Thread& thread, std::uint32_t* frames, int count) {
  frames[0] = offset_of(thread.pc);
  const int top = thread.depth < kMaxDepth ? thread.depth : kMaxDepth;
  for (int i = 1; i < count; ++i) frames[i] = i <= top ? offset_of(thread.frames[top - i]) : 0;
}

}  // namespace

Stack stack_of(const Thread& thread) {
  Stack stack;
  store(thread, stack.frames, kMaxFrames);
  return stack;
}

void find_call_in_program() {
  if (is_in_program(t_self->pc)) return;
  Search search{false, 0};
  _Unwind_Backtrace(look_at, &search);
  if (search.found != 0) t_self->pc = search.found;
}

void store_stack(std::uint32_t* frames, int count) { store(*t_self, frames, count); }

void record(Op op, Key key, int detail) {
  Outcome& outcome = g_channel->outcome;
  // Which plain accesses are told depends on what was learnt before: they tell no runs apart.
  if (op != Op::kRead && op != Op::kWrite) {
    const auto what = static_cast<std::uint64_t>(self_id() * 64 + static_cast<int>(op));
    outcome.trace_hash = (outcome.trace_hash ^ what) * kFnvPrime;
  }
  if (g_channel->event_count == kMaxEvents) {
    outcome.is_truncated = true;
    return;
  }
  Event& event = g_channel->events[g_channel->event_count++];
  event.step = g_world->step;
  event.thread = static_cast<std::uint16_t>(self_id());
  event.op = op;
  event.why = t_self->why;
  event.object = key;
  event.after_preemption = t_self->came_by_preemption;
  t_self->came_by_preemption = false;
  event.detail = detail;
  event.stack = stack_of(*t_self);
}

void learn(Key key) {
  if (g_channel->learned_count == kMaxLearned) return;
  g_channel->learned[g_channel->learned_count++] = key;
}

}  // namespace kit::explore
