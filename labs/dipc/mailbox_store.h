// MailboxStore: the mailboxes of one server, in a POSIX shared-memory object (shm_overview(7)).
//
// The object's name comes from the server's port, so that whoever knows the port finds it. It is
// laid out like this, each part at a multiple of 64 bytes:
//
//     header      magic, version, the owner's identity, the shape, the size of it all
//     common      common_bytes, for what all mailboxes' locks share
//     mailbox 0   its length, lock_bytes for its lock, mailbox_bytes of data
//     mailbox 1   ...
//
// No pointer is stored in it: each process maps it at an address of its own.
//
// Whose is it? The process that created it holds a file lock on the object (flock(2)) for as long
// as it lives, and the kernel lets go of it whatever way the process ends. So an object whose file
// lock can be had is a dead server's: stale, and may be removed. Only who has an object's file lock
// removes its name, so a living server's object is never taken away. The identity in the header
// says who the owner is, for dipcrm.
//
// Ownership: a store owns its mapping. One that was created also owns the object, and removes it
// when it is destroyed. One that was opened does not.
// Thread-safety: read(), write() and length() take no lock; the caller holds the mailbox's lock.
// The rest never changes and may be used from any thread. Do not fork() while you own a store: the
// child would share the file lock.
// Errors: std::system_error of the call that failed (ENOSPC or ENOMEM: not so much memory to be
// had), StoreInUse and NoStore as said below, std::invalid_argument for a shape that cannot be.
#ifndef DIPC_MAILBOX_STORE_H_
#define DIPC_MAILBOX_STORE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "labs/support/fd.h"
#include "process.h"

namespace dipc {

// How many mailboxes, and how much room each has.
struct StoreShape {
  std::uint64_t mailboxes = 0;      // at least 1
  std::uint64_t mailbox_bytes = 0;  // at least 1: the most data that one mailbox holds
  std::uint64_t lock_bytes = 0;     // room beside each mailbox for its lock
  std::uint64_t common_bytes = 0;   // room that there is only once
};

// A living process owns the store of this port.
class StoreInUse : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// There is no store of this port, or its creator has not finished it.
class NoStore : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class MailboxStore {
 public:
  // The object's name, as for shm_open(3): "/dipc-50007".
  static std::string name_of(std::uint16_t port);

  // Makes the store of `port`, all zeros. A stale one is replaced. All its memory is reserved here,
  // so that no later write can fail for want of it. Throws StoreInUse when the port's store belongs
  // to a living process; that one is left as it is.
  static MailboxStore create(std::uint16_t port, const StoreShape& shape);

  // Attaches to the store of `port`. Throws NoStore when there is none that is complete.
  static MailboxStore open(std::uint16_t port);

  // Whose the object of `port` is, as its header says, dead or alive. Empty when there is no
  // object, or nothing in it yet.
  static std::optional<ProcessIdentity> owner_of(std::uint16_t port);

  // What became of a call of remove_stale().
  enum class Removal {
    kRemoved,  // there was a dead server's object, and now there is none
    kNone,     // there was none
    kInUse,    // there is one, and a living process owns it
  };
  static Removal remove_stale(std::uint16_t port);

  MailboxStore(MailboxStore&& other) noexcept;
  MailboxStore& operator=(MailboxStore&&) = delete;
  ~MailboxStore();

  const StoreShape& shape() const { return shape_; }
  std::uint64_t mailboxes() const { return shape_.mailboxes; }
  std::uint64_t mailbox_bytes() const { return shape_.mailbox_bytes; }
  const ProcessIdentity& owner() const { return owner_; }

  // How much data mailbox `index` holds; 0 for one that was never written. This and the following
  // ones throw std::out_of_range when there is no such mailbox.
  std::size_t length(std::uint64_t index) const;

  // Copies the mailbox's data, or as much of it as `out` has room for, and returns how much.
  std::size_t read(std::uint64_t index, std::span<char> out) const;

  // Replaces the mailbox's data. Throws std::length_error when it is more than mailbox_bytes(), and
  // then changes nothing. A process that dies in the middle leaves an empty mailbox, not half of
  // the one and half of the other.
  void write(std::uint64_t index, std::string_view data);

  // Where the lock of mailbox `index` belongs, and what there is only once. At multiples of 64.
  void* lock_memory(std::uint64_t index) const;
  void* common_memory() const;

 private:
  // TODO(step 1): What a store has, and the parts of its work.
  StoreShape shape_;
  ProcessIdentity owner_;
};

}  // namespace dipc

#endif  // DIPC_MAILBOX_STORE_H_
