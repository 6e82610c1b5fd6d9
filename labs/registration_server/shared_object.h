// SharedObject: a piece of named memory that processes share (shm_overview(7)).
//
// One process makes it, fills it in, and publishes it. The others wait until it is published:
//
//     SharedObject made = SharedObject::create(name, sizeof(Thing), kThingMagic);
//     ... fill in made.as<Thing>(), whose first member is a wire::Header ...
//     made.publish();
//
//     SharedObject opened = SharedObject::open(name, sizeof(Thing), kThingMagic, deadline);
//
// An object is not there all at once. For a moment it has a name and no memory (who maps it then
// and touches it gets SIGBUS), then memory and nothing in it. open() waits all of this out, by
// looking again and again: a name that does not exist yet has nothing to wait on. After the state
// in the header has been seen as open (acquire), everything before publish() (release) is seen too.
//
// Whose is it? The process that made it holds a file lock on the object (flock(2)) for as long as
// it lives, and the kernel lets go of it whatever way the process ends. So an object whose file
// lock can be had is a dead one's. See stale.h for who clears it away.
//
// Ownership: owns its mapping. One that was created also owns the name, and removes it when it is
// destroyed, at the latest. The memory stays with those who have it mapped.
// Thread-safety: none of its own; remove_name() may be called while others use the memory. Do not
// fork() while you own one: the child would share the file lock.
// Errors: std::system_error of the call that failed (ENOSPC or ENOMEM: not so much memory to be
// had); ObjectExists and NoObject as said below.
// Source: shm_open(3), flock(2), posix_fallocate(3), mmap(2).
#ifndef REGISTRATION_SHARED_OBJECT_H_
#define REGISTRATION_SHARED_OBJECT_H_

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "labs/support/deadline.h"
#include "labs/support/fd.h"

namespace registration {

// There is an object of this name already.
class ObjectExists : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// There is no object of this name, or it was not published before the deadline, or it is not what
// was asked for.
class NoObject : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class SharedObject {
 public:
  // Makes an object of `bytes` zeros but for the header's magic and version. All its memory is
  // reserved here, so that no later write can fail for want of it. Throws ObjectExists.
  static SharedObject create(const std::string& name, std::size_t bytes, std::uint64_t magic);

  // Maps an object that was published; waits for one that is being made. One that does not exist
  // is waited for too, until the deadline. Throws NoObject.
  static SharedObject open(const std::string& name, std::size_t bytes, std::uint64_t magic,
                           support::Deadline deadline);

  SharedObject(SharedObject&& other) noexcept;
  SharedObject& operator=(SharedObject&&) = delete;
  ~SharedObject();

  // Says that all is filled in.
  void publish();

  // For the one who created it: from here on, nobody finds it. A second time does nothing.
  void remove_name() noexcept;

  template <typename Thing>
  Thing& as() const {
    return *static_cast<Thing*>(memory_);
  }

 private:
  // TODO(step 1): What an object has, and the parts of its work.
  void* memory_ = nullptr;
};

}  // namespace registration

#endif  // REGISTRATION_SHARED_OBJECT_H_
