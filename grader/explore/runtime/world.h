// The state of one run: threads, the objects they synchronise with, and the time.
//
// It lies in one shared mapping, made anew for each schedule, so that processes which the subject
// forks are scheduled together with the first one, and nothing is left over from the run before.
//
// Ownership: the first process of a run maps it, forked ones inherit it at the same address.
// Thread-safety: only the thread that holds the baton (see scheduler.h) reads or writes. Batons are
// the exception: they are futex words.
#ifndef GRADER_EXPLORE_RUNTIME_WORLD_H_
#define GRADER_EXPLORE_RUNTIME_WORLD_H_

#include <poll.h>
#include <pthread.h>

#include <cstddef>
#include <cstdint>

#include "grader/explore/channel.h"
#include "grader/explore/runtime/random.h"
#include "grader/explore/runtime/vector_clock.h"

namespace kit::explore {

inline constexpr int kMaxProcesses = 32;
inline constexpr int kMaxObjects = 1 << 13;
inline constexpr int kObjectSlots = 1 << 14;
inline constexpr int kMaxDepth = 96;
inline constexpr int kNobody = -1;

// An object's name in a run: its address, the process it belongs to above that, or, in memory that
// processes share, the memory's number and the offset in it. See keys.h.
using Key = std::uint64_t;

// What a mutex, a condition variable, a semaphore... is to the scheduler. The kind of object is
// known by its use; one address is one object.
struct Object {
  Key key;
  int owner;
  int depth;  // of a recursive mutex
  int readers;
  std::uint8_t reads[kMaxThreads];  // how often each thread has it for reading
  std::int64_t value;               // of a semaphore; of a barrier, how many are needed
  std::int64_t arrived;
  bool is_known;           // a semaphore's value was read
  bool is_of_one_process;  // its maker said so
  int user;                // the process that used it first
  bool is_robust;
  bool owner_died;
  bool is_unusable;  // a robust mutex that was not made consistent
  int lost_by;       // the last signal that found no waiter
  std::uint32_t lost_step;
  Stack taken_at;
  VectorClock clock;
};

// What must hold for a thread to go on.
enum class Wait : std::uint8_t {
  kNothing,
  kFree,      // nobody owns the object
  kReadable,  // nobody owns it, and no writer is to come first
  kWritable,  // nobody owns it and nobody reads
  kPositive,  // its value is above 0
  kWoken,     // somebody woke this thread
  kEnded,     // the thread `other` has ended
  kFds,       // one of `fds` is ready
  kProcess,   // a child process has ended
  kSignal,    // a signal is there that it asks for
  kNever,     // only time helps
};

struct Pending {
  Op op;
  bool writes;
  Wait wait;
  bool has_deadline;
  Key key;
  Object* object;
  int other;
  std::uint64_t deadline_ns;
  pollfd* fds;  // in the memory of the thread's process
  int fd_count;
};

struct Thread {
  char name[kNameBytes];
  bool is_live;
  bool is_woken;
  Why why;
  bool came_by_preemption;
  int held;  // how many locks it has
  int process;
  int creator;
  std::uint32_t baton;
  std::uint32_t ops;       // how many operations it has made
  std::uint32_t asked_at;  // the io_count at which it last looked whether its descriptors are ready
  std::uint32_t passed_over;  // at this step it could go on and did not get its turn; 0: it got it
  std::uint32_t cond_step;    // when it came to a condition variable last
  std::uint32_t since_step;   // when it came to the operation at which it stands
  Pending pending;
  std::uint64_t blocked;  // signals that it does not let in
  std::uint64_t signals;  // that were sent to it meanwhile
  std::uint64_t awaited;  // that it waits for
  const void* seen_at;    // where an atomic operation of four bytes looked last
  std::uint32_t seen;     // and what was there
  pthread_t handle;
  std::uintptr_t stack_low;
  std::uintptr_t stack_high;
  int depth;
  std::uintptr_t frames[kMaxDepth];  // call sites, as __tsan_func_entry gave them
  std::uintptr_t pc;                 // of the operation at which it stands
  VectorClock clock;
  VectorClock fence_acquire;  // what relaxed loads have seen, until an acquire fence
  VectorClock fence_release;  // what relaxed stores publish, since a release fence
};

struct Process {
  int pid;
  int parent;
  bool is_live;
  bool is_reaped;
  int main_thread;
  int status;
  std::uint64_t signals;  // that nobody of it lets in; see signals.h
  std::uint8_t dispositions[65];
};

// Whose turn it is, and where it began; see turns.h.
struct Turn {
  int thread;
  Op op;
  Key key;
  std::uintptr_t pc;
  std::uint32_t steps;
};

struct SharedMemory {
  std::uint64_t device;
  std::uint64_t inode;
};
inline constexpr int kMaxSharedMemories = 64;

// See progress.h.
inline constexpr std::size_t kProgressStates = 1 << 16;
struct Progress {
  bool is_watched;
  bool has_given_way;          // somebody yielded or slept in the circle
  std::uint32_t circling;      // steps without a new state
  std::uint32_t circle_began;  // at this step
  std::uint32_t served;        // locks and the like that were given out in the circle
  std::uint64_t memory;        // how the memory differs from what it was, as a hash
  std::uint64_t states[kProgressStates];
};

struct World {
  std::uint32_t step;
  std::uint32_t effort;   // steps, and what threads computed between them
  std::uint32_t stop_at;  // replay: the running thread stops at this count of its operations
  std::uint32_t replayed;
  std::uint32_t replayed_picks;
  std::uint32_t time_reads;
  std::uint32_t io_count;  // outputs so far, and ends of processes
  std::uint64_t now_ns;
  Turn turn;
  int thread_count;
  int process_count;
  int object_count;
  bool is_fair;
  bool takes_turns;  // fair in another way; see turns.h
  bool is_over;
  bool may_die;
  Random random;
  Thread threads[kMaxThreads];
  Process processes[kMaxProcesses];
  SharedMemory memories[kMaxSharedMemories];
  int memory_count;
  VectorClock io_clock;
  Progress progress;
  std::uint16_t object_slots[kObjectSlots];  // a hash table of places in `objects`, from 1
  Object objects[kMaxObjects];
  alignas(64) unsigned char strategy[kMaxThreads * 32];
};

extern World* g_world;
extern Channel* g_channel;

// The thread that this is in the world, or null: before the start, after its end, in a program that
// nobody explores.
extern thread_local Thread* t_self;
// Whether the runtime is at work on this thread: what it calls itself is not the subject's doing.
extern thread_local bool t_inside;
// See OuterCall.
extern thread_local void* t_outer_pc;

inline bool is_explored() { return t_self != nullptr && !t_inside; }
inline int self_id() { return static_cast<int>(t_self - g_world->threads); }

// Maps a new world for one schedule and makes the calling thread its first.
void make_world();

// The object of this key, made when it is new.
Object* object_at(Key key);
// The same, or null.
Object* find_object(Key key);
// Forgets the objects in memory that is freed.
void forget_objects(std::uintptr_t address, std::size_t bytes);

// Adds a thread to the calling thread's world. Ends the run when there are too many.
Thread* add_thread(int process);

// Happens-before: what is released into an object's clock is seen by who acquires from it.
void acquire(VectorClock& clock);
void release(VectorClock& clock);

// Every entry into the runtime holds one of these: it keeps errno and the place of the call.
class Entry {
 public:
  explicit Entry(void* pc);
  ~Entry();
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

 private:
  int errno_;
};

// While one of these lives, the calls that the runtime makes to its own interposers are the
// program's, made at `pc`. Not around anything that calls the program back.
class OuterCall {
 public:
  explicit OuterCall(void* pc) { t_outer_pc = pc; }
  ~OuterCall() { t_outer_pc = nullptr; }
  OuterCall(const OuterCall&) = delete;
  OuterCall& operator=(const OuterCall&) = delete;
};

#define KIT_PC __builtin_return_address(0)

}  // namespace kit::explore

#endif  // GRADER_EXPLORE_RUNTIME_WORLD_H_
