#include "grader/explore/runtime/world.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "grader/explore/runtime/finish.h"
#include "grader/explore/runtime/keys.h"

namespace kit::explore {

World* g_world = nullptr;
Channel* g_channel = nullptr;
thread_local Thread* t_self = nullptr;
thread_local bool t_inside = false;
thread_local void* t_outer_pc = nullptr;

void make_world() {
  void* memory = mmap(nullptr, sizeof(World), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) _exit(kRuntimeFault);
  g_world = static_cast<World*>(memory);
  g_world->random.seed(g_channel->plan.seed);
  g_world->process_count = 1;
  g_world->processes[0] = {getpid(), kNobody, true, false, 0, 0, 0, {}};
  t_self = &g_world->threads[0];
  g_world->thread_count = 1;
  t_self->is_live = true;
  t_self->creator = kNobody;
  t_self->clock.tick(0);
}

static std::uint16_t* slot_of(Key key) {
  std::uint32_t i = static_cast<std::uint32_t>((key >> 2) * 0x9E3779B97F4A7C15ull >> 40);
  while (true) {
    std::uint16_t* slot = &g_world->object_slots[i++ % kObjectSlots];
    if (*slot == 0 || g_world->objects[*slot - 1].key == key) return slot;
  }
}

Object* find_object(Key key) {
  const std::uint16_t slot = *slot_of(key);
  return slot == 0 ? nullptr : &g_world->objects[slot - 1];
}

Object* object_at(Key key) {
  std::uint16_t* slot = slot_of(key);
  if (*slot != 0) return &g_world->objects[*slot - 1];
  if (g_world->object_count == kMaxObjects)
    finish_unsupported("more synchronisation objects than the explorer keeps");
  Object* object = &g_world->objects[g_world->object_count++];
  *slot = static_cast<std::uint16_t>(g_world->object_count);
  object->key = key;
  object->user = kNobody;
  object->owner = kNobody;
  object->lost_by = kNobody;
  return object;
}

// The object keeps its place and begins anew.
static void reset(Object* object) {
  object->owner = kNobody;
  object->depth = object->readers = 0;
  for (std::uint8_t& reads : object->reads) reads = 0;
  object->value = object->arrived = 0;
  object->is_known = object->is_robust = object->owner_died = object->is_unusable = false;
  object->lost_by = object->user = kNobody;
  object->is_of_one_process = false;
}

void forget_objects(std::uintptr_t address, std::size_t bytes) {
  if (g_world->object_count == 0) return;
  const Key begin = key_of(address);
  if (bytes / 4 > static_cast<std::size_t>(g_world->object_count)) {
    for (int i = 0; i < g_world->object_count; ++i) {
      Object& object = g_world->objects[i];
      if (object.key >= begin && object.key < begin + bytes) reset(&object);
    }
    return;
  }
  for (Key key = begin; key < begin + bytes; key += 4) {
    if (Object* object = find_object(key)) reset(object);
  }
}

Thread* add_thread(int process) {
  if (g_world->thread_count == kMaxThreads)
    finish_unsupported("more threads than the explorer keeps");
  const int id = g_world->thread_count++;
  Thread* thread = &g_world->threads[id];
  thread->is_live = true;
  thread->process = process;
  thread->creator = self_id();
  thread->since_step = g_world->step;
  thread->pending = Pending{};
  thread->clock.assign(t_self->clock, kMaxThreads);
  thread->clock.tick(id);
  t_self->clock.tick(self_id());
  return thread;
}

void acquire(VectorClock& clock) { t_self->clock.join(clock, g_world->thread_count); }

void release(VectorClock& clock) {
  clock.join(t_self->clock, g_world->thread_count);
  t_self->clock.tick(self_id());
}

Entry::Entry(void* pc) : errno_(errno) {
  t_inside = true;
  t_self->pc = reinterpret_cast<std::uintptr_t>(t_outer_pc != nullptr ? t_outer_pc : pc);
}

Entry::~Entry() {
  t_inside = false;
  errno = errno_;
}

}  // namespace kit::explore
