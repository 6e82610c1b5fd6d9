// FairLock: many readers or one writer, served in order of arrival, between threads and processes.
//
// The promise, to the letter:
//   - Whoever comes first is served first. A reader that comes while a writer waits, waits behind
//     it. Readers next to each other in the queue go in together.
//   - So nobody who comes later overtakes anybody who waits: the bound on overtaking is 0. (You
//     have come when your call has entered the queue. Two calls at the same time have no order.)
//   - A deadline ends a wait. Who gives up leaves the queue, and those behind move up at once.
//   - A thread or process that dies while it holds the lock or waits for it is taken out of the
//     queue within kDeathCheckMs, as if it had let go.
//
// A lock lies in shared memory, and so does its queue, whose entries are called places. All the
// locks of one segment share their places: a place is needed per thread that holds or waits, not
// per lock. The memory belongs to the caller:
//
//     FairLock::init_places(common);            // once, by the process that made the memory
//     FairLock::init_lock(memory_of_one_lock);  // once for each lock
//     FairLock lock(memory_of_one_lock, common);  // in any process: cheap, keeps two pointers
//     if (FairLock::Hold hold = lock.lock_shared(deadline)) {
//       ... read ...
//     }  // released here
//
// Ownership: a FairLock borrows the memory; a Hold borrows it too.
// Thread-safety: any thread of any process that maps the memory may use a lock; the two pieces of
// memory must lie in one mapping. A Hold is released by the thread that got it, and a thread must
// not ask for a lock that it holds already: it would wait for itself until the deadline.
// Errors: std::system_error when a call of the system fails that cannot fail in a correct program.
// Source: pthread_mutexattr_setrobust(3), sem_overview(7); Courtois, Heymans, Parnas: Concurrent
// Control with "Readers" and "Writers", CACM 14(10), 1971, whose two solutions starve one side.
#ifndef DIPC_FAIR_LOCK_H_
#define DIPC_FAIR_LOCK_H_

#include <cstddef>
#include <cstdint>
#include <utility>

#include "labs/support/deadline.h"

namespace dipc {

class FairLock {
 public:
  // What became of a call.
  enum class Outcome {
    kLocked,
    kTimeout,  // the deadline passed first
    kFull,     // kMaxPlaces threads hold or wait already
  };

  // The lock, while it is held. Lets go when it is destroyed.
  class Hold {
   public:
    Hold(Hold&& other) noexcept
        : lock_(std::exchange(other.lock_, nullptr)),
          places_(other.places_),
          place_(other.place_),
          outcome_(other.outcome_) {}
    Hold& operator=(Hold&&) = delete;
    ~Hold() { release(); }

    Outcome outcome() const { return outcome_; }
    explicit operator bool() const { return lock_ != nullptr; }

    // Lets go now. A second time does nothing.
    void release();

   private:
    friend class FairLock;
    explicit Hold(Outcome why_not) : outcome_(why_not) {}
    Hold(void* lock, void* places, std::uint32_t place)
        : lock_(lock), places_(places), place_(place), outcome_(Outcome::kLocked) {}

    void* lock_ = nullptr;  // nullptr: not held, or not any more
    void* places_ = nullptr;
    std::uint32_t place_ = 0;
    Outcome outcome_;
  };

  // How much memory they take, zeroed and at a multiple of kAlignment.
  static constexpr std::size_t kAlignment = 64;
  static constexpr std::size_t kLockBytes = 64;
  static constexpr std::size_t kMaxPlaces = 1024;
  static constexpr std::size_t kPlacesBytes = (kMaxPlaces + 1) * 128;

  // How often a waiter looks whether those in front of it are alive.
  static constexpr std::int64_t kDeathCheckMs = 100;

  static void init_places(void* places);
  static void init_lock(void* lock);

  // Attaches to a lock that was initialised.
  FairLock(void* lock, void* places) : lock_(lock), places_(places) {}

  // Waits until the lock is had, for reading together with others or for writing alone, or until
  // the deadline. A deadline that has passed already gets a lock that is free.
  [[nodiscard]] Hold lock_shared(support::Deadline deadline);
  [[nodiscard]] Hold lock_exclusive(support::Deadline deadline);

 private:
  // TODO(step 2): What the two have in common belongs here, if you find something.

  void* const lock_;
  void* const places_;
};

}  // namespace dipc

#endif  // DIPC_FAIR_LOCK_H_
