// The functions that code compiled with -fsanitize=thread calls: every access to memory that could
// be shared, every atomic operation, and the beginning and end of every function.
//
// The subject is linked with these in the place of libtsan. See GCC's gcc/sanitizer.def for the
// list.
#include <string.h>

#include "grader/explore/runtime/keys.h"
#include "grader/explore/runtime/progress.h"
#include "grader/explore/runtime/scheduler.h"
#include "grader/explore/runtime/shadow.h"
#include "grader/explore/runtime/trace.h"

namespace kit::explore {
namespace {

// While there is one thread, nothing is shared.
inline void on_access(const void* address, std::size_t bytes, Touch touch, void* pc) {
  if (!is_explored()) return;
  const bool must_stop = count_access();
  if (g_world->thread_count == 1 && !must_stop && !is_watched()) return;
  Entry entry(pc);
  access(reinterpret_cast<std::uintptr_t>(address), bytes, touch, must_stop);
  if (touch == Touch::kWrite && is_watched())
    note_write(reinterpret_cast<std::uintptr_t>(address), bytes);
}

// Memory orders as GCC passes them.
bool acquires(int order) {
  return order == __ATOMIC_CONSUME || order == __ATOMIC_ACQUIRE || order == __ATOMIC_ACQ_REL ||
         order == __ATOMIC_SEQ_CST;
}
bool releases(int order) {
  return order == __ATOMIC_RELEASE || order == __ATOMIC_ACQ_REL || order == __ATOMIC_SEQ_CST;
}

void take_in(VectorClock& clock, int order) {
  if (acquires(order)) return acquire(clock);
  t_self->fence_acquire.join(clock, g_world->thread_count);
}

// A store begins a new release sequence; a read-modify-write carries the old one on.
void publish(VectorClock& clock, int order, bool is_store) {
  if (is_store) clock.clear(g_world->thread_count);
  if (releases(order)) return release(clock);
  clock.join(t_self->fence_release, g_world->thread_count);
}

enum class Kind { kLoad, kStore, kReadModifyWrite };

// Everything about an atomic operation but its carrying out, which nobody interrupts: the baton's
// holder runs alone.
void on_atomic(const volatile void* address, std::size_t bytes, Kind kind, int order, void* pc) {
  if (!is_explored()) return;
  Entry entry(pc);
  const bool writes = kind != Kind::kLoad;
  const Key key = key_of(address);
  point({.op = writes ? Op::kAtomicWrite : Op::kAtomicRead, .key = key, .writes = writes});
  record(writes ? Op::kAtomicWrite : Op::kAtomicRead, key);
  if (writes && is_watched()) note_write(reinterpret_cast<std::uintptr_t>(address), bytes);
  access_atomically(reinterpret_cast<std::uintptr_t>(address), bytes,
                    writes ? Touch::kWrite : Touch::kRead);
  Object* object = object_at(key);
  if (kind != Kind::kStore) take_in(object->clock, order);
  if (writes) publish(object->clock, order, kind == Kind::kStore);
}

// The last value that an atomic operation of this thread found; see interpose_futex.cc.
void note_seen(const volatile void* address, std::size_t bytes, std::uint64_t value) {
  if (t_self == nullptr || bytes != sizeof(int)) return;
  t_self->seen_at = const_cast<const void*>(address);
  t_self->seen = static_cast<std::uint32_t>(value);
}

void on_fence(int order) {
  if (!is_explored()) return;
  if (acquires(order)) acquire(t_self->fence_acquire);
  if (releases(order)) {
    t_self->fence_release.assign(t_self->clock, g_world->thread_count);
    t_self->clock.tick(self_id());
  }
}

}  // namespace
}  // namespace kit::explore

using kit::explore::Kind;
using kit::explore::note_seen;
using kit::explore::on_access;
using kit::explore::on_atomic;
using kit::explore::t_self;
using kit::explore::Touch;

using Wide = unsigned __int128;

#define KIT_ACCESS(bytes)                                                                     \
  void __tsan_read##bytes(void* p) { on_access(p, bytes, Touch::kRead, KIT_PC); }             \
  void __tsan_write##bytes(void* p) { on_access(p, bytes, Touch::kWrite, KIT_PC); }           \
  void __tsan_unaligned_read##bytes(void* p) { on_access(p, bytes, Touch::kRead, KIT_PC); }   \
  void __tsan_unaligned_write##bytes(void* p) { on_access(p, bytes, Touch::kWrite, KIT_PC); } \
  void __tsan_volatile_read##bytes(void* p) { on_access(p, bytes, Touch::kRead, KIT_PC); }    \
  void __tsan_volatile_write##bytes(void* p) { on_access(p, bytes, Touch::kWrite, KIT_PC); }  \
  void __tsan_unaligned_volatile_read##bytes(void* p) {                                       \
    on_access(p, bytes, Touch::kRead, KIT_PC);                                                \
  }                                                                                           \
  void __tsan_unaligned_volatile_write##bytes(void* p) {                                      \
    on_access(p, bytes, Touch::kWrite, KIT_PC);                                               \
  }                                                                                           \
  void __tsan_read##bytes##_pc(void* p, void* pc) { on_access(p, bytes, Touch::kRead, pc); }  \
  void __tsan_write##bytes##_pc(void* p, void* pc) { on_access(p, bytes, Touch::kWrite, pc); }

// Libstdc++ 12's atomic<shared_ptr> gives its lock back with a relaxed fetch_sub of its word
// (GCC's bug 101761). That is not the program's mistake, so such a one is taken for a release.
constexpr int order_of(const char* name, std::size_t bytes, int order) {
  const bool is_unlock = bytes == sizeof(void*) && name[6] == 's' && order == __ATOMIC_RELAXED;
  return is_unlock ? __ATOMIC_RELEASE : order;
}

#define KIT_RMW(bits, T, name, operation)                                                       \
  T __tsan_atomic##bits##_##name(volatile T* a, T v, int order) {                               \
    on_atomic(a, sizeof(T), Kind::kReadModifyWrite, order_of(#name, sizeof(T), order), KIT_PC); \
    return operation(a, v, __ATOMIC_SEQ_CST);                                                   \
  }

#define KIT_CAS(bits, T, strength)                                                           \
  int __tsan_atomic##bits##_compare_exchange_##strength(volatile T* a, T* c, T v, int order, \
                                                        int) {                               \
    on_atomic(a, sizeof(T), Kind::kReadModifyWrite, order, KIT_PC);                          \
    const bool is_done =                                                                     \
        __atomic_compare_exchange_n(a, c, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);     \
    note_seen(a, sizeof(T), *c);                                                             \
    return is_done;                                                                          \
  }

#define KIT_ATOMIC(bits, T)                                                               \
  T __tsan_atomic##bits##_load(const volatile T* a, int order) {                          \
    on_atomic(a, sizeof(T), Kind::kLoad, order, KIT_PC);                                  \
    const T value = __atomic_load_n(a, __ATOMIC_SEQ_CST);                                 \
    note_seen(a, sizeof(T), value);                                                       \
    return value;                                                                         \
  }                                                                                       \
  void __tsan_atomic##bits##_store(volatile T* a, T v, int order) {                       \
    on_atomic(a, sizeof(T), Kind::kStore, order, KIT_PC);                                 \
    __atomic_store_n(a, v, __ATOMIC_SEQ_CST);                                             \
  }                                                                                       \
  KIT_RMW(bits, T, exchange, __atomic_exchange_n)                                         \
  KIT_RMW(bits, T, fetch_add, __atomic_fetch_add)                                         \
  KIT_RMW(bits, T, fetch_sub, __atomic_fetch_sub)                                         \
  KIT_RMW(bits, T, fetch_and, __atomic_fetch_and)                                         \
  KIT_RMW(bits, T, fetch_or, __atomic_fetch_or)                                           \
  KIT_RMW(bits, T, fetch_xor, __atomic_fetch_xor)                                         \
  KIT_RMW(bits, T, fetch_nand, __atomic_fetch_nand)                                       \
  KIT_CAS(bits, T, strong)                                                                \
  KIT_CAS(bits, T, weak)                                                                  \
  T __tsan_atomic##bits##_compare_exchange_val(volatile T* a, T c, T v, int order, int) { \
    on_atomic(a, sizeof(T), Kind::kReadModifyWrite, order, KIT_PC);                       \
    __atomic_compare_exchange_n(a, &c, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);     \
    return c;                                                                             \
  }

extern "C" {

void __tsan_init() {}

void __tsan_func_entry(void* call_site) {
  kit::explore::Thread* self = t_self;
  if (self == nullptr) return;
  const int depth = ++self->depth;
  if (depth <= kit::explore::kMaxDepth)
    self->frames[depth - 1] = reinterpret_cast<std::uintptr_t>(call_site);
}

void __tsan_func_exit() {
  if (t_self != nullptr && t_self->depth > 0) --t_self->depth;
}

void __tsan_vptr_update(void** p, void* value) {
  if (*p != value) on_access(p, sizeof *p, Touch::kWrite, KIT_PC);
}
void __tsan_vptr_read(void** p) { on_access(p, sizeof *p, Touch::kRead, KIT_PC); }

void __tsan_read_range(void* p, unsigned long n) { on_access(p, n, Touch::kRead, KIT_PC); }
void __tsan_write_range(void* p, unsigned long n) { on_access(p, n, Touch::kWrite, KIT_PC); }

KIT_ACCESS(1)
KIT_ACCESS(2)
KIT_ACCESS(4)
KIT_ACCESS(8)
KIT_ACCESS(16)

KIT_ATOMIC(8, unsigned char)
KIT_ATOMIC(16, unsigned short)
KIT_ATOMIC(32, unsigned int)
KIT_ATOMIC(64, unsigned long)

// Sixteen bytes: nobody comes between, so that no special instruction is needed.
Wide __tsan_atomic128_load(const volatile Wide* a, int order) {
  on_atomic(a, sizeof *a, Kind::kLoad, order, KIT_PC);
  return *a;
}
void __tsan_atomic128_store(volatile Wide* a, Wide v, int order) {
  on_atomic(a, sizeof *a, Kind::kStore, order, KIT_PC);
  *a = v;
}
Wide __tsan_atomic128_exchange(volatile Wide* a, Wide v, int order) {
  on_atomic(a, sizeof *a, Kind::kReadModifyWrite, order, KIT_PC);
  const Wide old = *a;
  *a = v;
  return old;
}
int __tsan_atomic128_compare_exchange_strong(volatile Wide* a, Wide* c, Wide v, int order, int) {
  on_atomic(a, sizeof *a, Kind::kReadModifyWrite, order, KIT_PC);
  const Wide old = *a;
  const bool is_same = old == *c;
  if (is_same) *a = v;
  *c = old;
  return is_same;
}
int __tsan_atomic128_compare_exchange_weak(volatile Wide* a, Wide* c, Wide v, int order, int fail) {
  return __tsan_atomic128_compare_exchange_strong(a, c, v, order, fail);
}
Wide __tsan_atomic128_compare_exchange_val(volatile Wide* a, Wide c, Wide v, int order, int fail) {
  __tsan_atomic128_compare_exchange_strong(a, &c, v, order, fail);
  return c;
}

void __tsan_atomic_thread_fence(int order) { kit::explore::on_fence(order); }
void __tsan_atomic_signal_fence(int) {}

// What clang's instrumentation calls in the place of the C library's.
void* __tsan_memcpy(void* to, const void* from, unsigned long n) { return memcpy(to, from, n); }
void* __tsan_memmove(void* to, const void* from, unsigned long n) { return memmove(to, from, n); }
void* __tsan_memset(void* to, int value, unsigned long n) { return memset(to, value, n); }

}  // extern "C"
