#include "fair_lock.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <new>
#include <stdexcept>

#include "labs/support/error.h"

namespace dipc {

//~ begin step 2: What lies in the two pieces of memory, and functions of your own. Mutexes and
//~   semaphores in shared memory must be told that they are shared (pthread_mutexattr_setpshared(3),
//~   sem_init(3)), and a mutex whose owner may die that it is robust.
namespace {

// A thread's entry in the queue of a lock.
//
// `presence` is a robust mutex that the thread holds from before it enters the queue until after it
// has left. It says two things without a word in memory: that the place is taken, and that the one
// who took it is alive. When a thread dies, whatever way, the kernel gives its robust mutexes free.
// So a place that stands in a queue although its presence can be had is a dead one's.
//
// All the rest is guarded by the mutex of the queue that the place stands in, but for what is
// atomic: that is also looked at without it.
struct Place {
  pthread_mutex_t presence;
  sem_t turn;  // posted when the place becomes the next one to be admitted, and when it is
  // Where the queue is that the place stands in; 0: in none. Who wants to take the place does not
  // know yet whose mutex to lock.
  std::atomic<std::ptrdiff_t> queue;
  std::uint32_t next;  // the place behind it; 0: it is the last
  bool is_exclusive;
  bool is_next;  // right behind one that is admitted
  // It holds the lock. Who waits looks at it without the mutex when it is told to; release and
  // acquire pass on what the holders before it have done.
  std::atomic<bool> is_admitted;
};

struct alignas(64) PaddedPlace : Place {};  // so that no two share a cache line

// The places are known by number, from 1, since each process has them at an address of its own.
// They are made when they are first needed.
struct Places {
  Place& at(std::uint32_t number) { return place[number - 1]; }

  alignas(64) pthread_mutex_t making;  // robust; held while one is made
  std::atomic<std::uint32_t> made;     // so many there are
  PaddedPlace place[FairLock::kMaxPlaces];
};
static_assert(sizeof(Places) <= FairLock::kPlacesBytes);

// A lock: the queue of those who hold it and, behind them, those who wait for it.
struct Queue {
  pthread_mutex_t mutex;  // robust; held for the length of a walk along the queue at most
  std::uint32_t first;    // 0: the lock is free
  std::uint32_t last;     // a place from which on the end is looked for; 0: from the first
};
static_assert(sizeof(Queue) <= FairLock::kLockBytes);

void check(int error, const char* call) {
  if (error != 0) support::throw_error(error, call);
}

// How a mutex is to be made that processes share and whose owner may die.
class RobustAttributes {
 public:
  RobustAttributes() {
    check(::pthread_mutexattr_init(&attributes_), "pthread_mutexattr_init");
    check(::pthread_mutexattr_setpshared(&attributes_, PTHREAD_PROCESS_SHARED),
          "pthread_mutexattr_setpshared");
    check(::pthread_mutexattr_setrobust(&attributes_, PTHREAD_MUTEX_ROBUST),
          "pthread_mutexattr_setrobust");
  }
  RobustAttributes(const RobustAttributes&) = delete;
  RobustAttributes& operator=(const RobustAttributes&) = delete;
  ~RobustAttributes() { static_cast<void>(::pthread_mutexattr_destroy(&attributes_)); }

  void init(pthread_mutex_t* mutex) const {
    check(::pthread_mutex_init(mutex, &attributes_), "pthread_mutex_init");
  }

 private:
  pthread_mutexattr_t attributes_;
};

// A process may be killed between any two stores. What it has stored by then is what the others
// find, so where the order of two stores matters, the compiler must not change it.
void in_this_order() { std::atomic_signal_fence(std::memory_order_seq_cst); }

// True when nobody has the presence: nobody has taken the place, or who had it is dead. The caller
// has it now.
bool try_presence(Place& place) {
  int error = ::pthread_mutex_trylock(&place.presence);
  if (error == EBUSY) return false;
  if (error == EOWNERDEAD) {
    error = ::pthread_mutex_consistent(&place.presence);
  }
  check(error, "pthread_mutex_trylock");
  return true;
}

void leave_presence(Place& place) {
  check(::pthread_mutex_unlock(&place.presence), "pthread_mutex_unlock");
}

void lock_robust(pthread_mutex_t* mutex) {
  int error = ::pthread_mutex_lock(mutex);
  if (error == EOWNERDEAD) error = ::pthread_mutex_consistent(mutex);
  check(error, "pthread_mutex_lock");
}

// Makes the place behind the first `made`, unless somebody else does. Who dies while it makes one
// has not counted it yet: then the next one makes it again.
void make_place(Places& places, std::uint32_t made) {
  lock_robust(&places.making);
  if (places.made.load(std::memory_order_relaxed) == made) {
    Place& place = places.at(made + 1);
    RobustAttributes().init(&place.presence);
    if (::sem_init(&place.turn, /*pshared=*/1, 0) < 0) support::throw_errno("sem_init");
    place.queue.store(0, std::memory_order_relaxed);
    places.made.store(made + 1, std::memory_order_release);
  }
  check(::pthread_mutex_unlock(&places.making), "pthread_mutex_unlock");
}

// The place this thread had last: it is likely to be free again, and in this processor's cache.
thread_local std::uint32_t t_last_place = 1;

// Takes one of the first `made` places that is no one's and stands in no queue. 0: there is none.
std::uint32_t take_made_place(Places& places, std::uint32_t made) {
  for (std::uint32_t tried = 0; tried < made; ++tried) {
    if (t_last_place > made) t_last_place = 1;
    Place& place = places.at(t_last_place);
    if (try_presence(place)) {
      if (place.queue.load(std::memory_order_acquire) == 0) return t_last_place;
      leave_presence(place);  // a dead one's: it must be taken out of its queue first
    }
    ++t_last_place;
  }
  return 0;
}

// Takes a place, which is made if need be. 0: there are no more.
std::uint32_t take_place(Places& places) {
  for (;;) {
    std::uint32_t made = places.made.load(std::memory_order_acquire);
    std::uint32_t taken = take_made_place(places, made);
    if (taken != 0 || made == FairLock::kMaxPlaces) return taken;
    make_place(places, made);
  }
}

// The queue while its mutex is held, on behalf of the owner of one place. Each change of the queue
// is one store to one link, so that a death between two stores leaves a queue that is whole: before
// the change, or after it.
class LockedQueue {
 public:
  LockedQueue(void* lock, Places& places, std::uint32_t own)
      : queue_(*static_cast<Queue*>(lock)),
        places_(places),
        own_(own),
        address_(static_cast<char*>(lock) - reinterpret_cast<char*>(&places)) {
    int error = ::pthread_mutex_lock(&queue_.mutex);
    if (error == EOWNERDEAD) {
      // Usable again, and ours: should we die while we repair, the next one is told, too.
      error = ::pthread_mutex_consistent(&queue_.mutex);
      repair();
    }
    check(error, "pthread_mutex_lock");
  }
  LockedQueue(const LockedQueue&) = delete;
  LockedQueue& operator=(const LockedQueue&) = delete;

  // Others are woken when the mutex is free again: a wake-up is a call of the kernel, and many may
  // wait for the mutex. Should we die in between, they find out by themselves.
  ~LockedQueue() {
    static_cast<void>(::pthread_mutex_unlock(&queue_.mutex));
    wake();
  }

  // Enters at the end.
  void enter(bool is_exclusive) {
    Place& place = at(own_);
    place.next = 0;
    place.is_exclusive = is_exclusive;
    place.is_next = false;
    place.is_admitted.store(false, std::memory_order_relaxed);
    place.queue.store(address_, std::memory_order_relaxed);
    in_this_order();
    std::uint32_t before = find_last();
    link_behind(before) = own_;
    in_this_order();
    queue_.last = own_;
    admit_behind(before);
  }

  void leave() { remove(own_); }

  // Takes the dead out of the queue, and makes up for what they may have left undone.
  void clear() {
    for (std::uint32_t number = queue_.first; number != 0;) {
      std::uint32_t next = at(number).next;
      if (try_presence(at(number))) {
        remove(number);
        leave_presence(at(number));
      }
      number = next;
    }
    admit_behind(0);
    for (std::uint32_t number = queue_.first; number != 0; number = at(number).next) {
      admit_behind(number);
    }
  }

 private:
  Place& at(std::uint32_t number) const { return places_.at(number); }

  // Where the number of the place behind `before` stands; behind 0 stands the first.
  std::uint32_t& link_behind(std::uint32_t before) const {
    return before == 0 ? queue_.first : at(before).next;
  }

  // queue_.last may not be the last, if somebody died who was about to store it. But it is always a
  // place of the queue, so that the last is found from there.
  std::uint32_t find_last() const {
    std::uint32_t last = queue_.last;
    while (link_behind(last) != 0) last = link_behind(last);
    return last;
  }

  void remove(std::uint32_t number) {
    std::uint32_t before = 0;
    while (link_behind(before) != number) before = link_behind(before);
    if (queue_.last == number) queue_.last = before;
    in_this_order();
    link_behind(before) = at(number).next;
    in_this_order();
    at(number).queue.store(0, std::memory_order_release);
    admit_behind(before);
  }

  // Lets in those behind `before` whose turn it is, up to one that is in already: it is the turn of
  // the first, and of a reader behind a reader that is in.
  void admit_behind(std::uint32_t before) {
    while (std::uint32_t number = link_behind(before)) {
      Place& place = at(number);
      if (is_admitted(place)) return;
      bool is_turn = before == 0 ||
                     (is_admitted(at(before)) && !at(before).is_exclusive && !place.is_exclusive);
      if (!is_turn) return prepare(number, before);
      place.is_admitted.store(true, std::memory_order_release);
      wake_later(number);
      before = number;
    }
  }

  // A thread that sleeps takes a while to wake up, and until then nobody would have the lock: with
  // many waiters, it would be idle most of the time. So the next one is woken before its turn.
  void prepare(std::uint32_t number, std::uint32_t before) {
    if (at(number).is_next || !is_admitted(at(before))) return;
    at(number).is_next = true;
    wake_later(number);
  }

  static bool is_admitted(const Place& place) {
    return place.is_admitted.load(std::memory_order_relaxed);
  }

  void wake_later(std::uint32_t number) {
    if (number == own_) return;
    if (to_wake_count_ == to_wake_.size()) wake();
    to_wake_[to_wake_count_++] = number;
  }

  void wake() {
    for (std::size_t i = 0; i < to_wake_count_; ++i) {
      static_cast<void>(::sem_post(&at(to_wake_[i]).turn));  // fails only beyond 2^31 - 1 posts
    }
    to_wake_count_ = 0;
  }

  // Somebody died with the mutex. The links are whole. What may be wrong: a place that says it is
  // in this queue and is not, since it was not yet, or no longer, linked; and a place whose turn
  // was not told. The first is put right here; the second finds out by itself, since a waiter looks
  // every kDeathCheckMs.
  void repair() {
    std::uint32_t made = places_.made.load(std::memory_order_acquire);
    for (std::uint32_t number = 1; number <= made; ++number) {
      std::atomic<std::ptrdiff_t>& queue = at(number).queue;
      bool is_ours = queue.load(std::memory_order_relaxed) == address_;
      if (is_ours && !is_linked(number)) queue.store(0, std::memory_order_release);
    }
  }

  bool is_linked(std::uint32_t number) const {
    std::uint32_t linked = queue_.first;
    while (linked != 0 && linked != number) linked = at(linked).next;
    return linked == number;
  }

  Queue& queue_;
  Places& places_;
  const std::uint32_t own_;
  const std::ptrdiff_t address_;  // as seen from the places: the same in every process
  std::array<std::uint32_t, 16> to_wake_;
  std::size_t to_wake_count_ = 0;
};

// Waits for a turn, or until a moment. False: that moment came first.
bool await(sem_t* turn, support::Deadline deadline) {
  timespec moment = deadline.at();
  while (::sem_clockwait(turn, CLOCK_MONOTONIC, &moment) < 0) {
    if (errno == ETIMEDOUT) return false;
    if (errno != EINTR) support::throw_errno("sem_clockwait");
  }
  return true;
}

// Tells the processor that we are in a loop of waiting: it then leaves its means to others.
void pause_processor() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// A few microseconds of waiting awake: most holds are shorter than falling asleep and waking up.
bool is_admitted_soon(const Place& place) {
  constexpr int kLooks = 20;
  constexpr int kPausesBetween = 10;
  for (int look = 0; look < kLooks; ++look) {
    if (place.is_admitted.load(std::memory_order_acquire)) return true;
    for (int i = 0; i < kPausesBetween; ++i) pause_processor();
  }
  return false;
}

// Waits until the place is admitted. False when the deadline came first: it has left the queue
// then.
bool wait_for_turn(void* lock, Places& places, std::uint32_t own, bool is_next,
                   support::Deadline deadline) {
  Place& place = places.at(own);
  for (;;) {
    // Only the next one waits awake. The others have a longer wait before them.
    if (is_next && is_admitted_soon(place)) return true;
    support::Deadline look = support::Deadline::after_ms(FairLock::kDeathCheckMs);
    is_next = await(&place.turn, std::min(deadline, look));
    if (is_next) {
      if (place.is_admitted.load(std::memory_order_acquire)) return true;
      continue;  // told that we are the next
    }
    LockedQueue queue(lock, places, own);
    queue.clear();
    // Our turn may have come at the last moment, with or without the dead.
    if (place.is_admitted.load(std::memory_order_relaxed)) return true;
    if (!deadline.has_passed()) continue;
    queue.leave();  // those behind us may have waited only for us, and go in now
    return false;
  }
}

// Posts that its last owner did not wait for would wake the place's next owner for nothing.
void forget_old_turns(sem_t* turn) {
  while (::sem_trywait(turn) == 0) {
  }
}

// Enters the queue, and waits. False when the deadline came first.
bool enter(void* lock, Places& places, std::uint32_t own, bool is_exclusive,
           support::Deadline deadline) {
  Place& place = places.at(own);
  forget_old_turns(&place.turn);
  bool is_next;
  {
    LockedQueue queue(lock, places, own);
    queue.enter(is_exclusive);
    if (place.is_admitted.load(std::memory_order_relaxed)) return true;
    is_next = place.is_next;
  }
  if (wait_for_turn(lock, places, own, is_next, deadline)) return true;
  leave_presence(place);
  return false;
}

}  // namespace
//~ end

void FairLock::init_places(void* places) {
  //~ begin step 2: Make what all the locks share.
  //~| (void)places;
  auto* made = new (places) Places;
  RobustAttributes().init(&made->making);
  made->made.store(0, std::memory_order_relaxed);
  //~ end
}

void FairLock::init_lock(void* lock) {
  //~ begin step 2: Make one lock, which is free.
  //~| (void)lock;
  auto* made = new (lock) Queue;
  RobustAttributes().init(&made->mutex);
  made->first = made->last = 0;
  //~ end
}

FairLock::Hold FairLock::lock_shared(support::Deadline deadline) {
  //~ begin step 2: Wait for your turn, to read together with others.
  //~| (void)deadline;
  //~| throw std::logic_error("not implemented yet (step 2)");
  return lock(/*is_exclusive=*/false, deadline);
  //~ end
}

FairLock::Hold FairLock::lock_exclusive(support::Deadline deadline) {
  //~ begin step 2: Wait for your turn, to write alone.
  //~| (void)deadline;
  //~| throw std::logic_error("not implemented yet (step 2)");
  return lock(/*is_exclusive=*/true, deadline);
  //~ end
}

void FairLock::Hold::release() {
  if (lock_ == nullptr) return;
  //~ begin step 2: Leave the queue, and let in whose turn it is now.
  Places& places = *static_cast<Places*>(places_);
  {
    LockedQueue queue(lock_, places, place_);
    queue.leave();
  }
  // Only now is the place free for somebody else: it stands in no queue any more.
  leave_presence(places.at(place_));
  //~ end
  lock_ = nullptr;
}

//~ begin step 2: What reading and writing have in common.
FairLock::Hold FairLock::lock(bool is_exclusive, support::Deadline deadline) {
  Places& places = *static_cast<Places*>(places_);
  std::uint32_t own = take_place(places);
  if (own == 0) return Hold(Outcome::kFull);
  if (!enter(lock_, places, own, is_exclusive, deadline)) return Hold(Outcome::kTimeout);
  return Hold(lock_, places_, own);
}
//~ end

}  // namespace dipc
