#include "shared_object.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "labs/support/error.h"
#include "wire.h"

namespace registration {

// TODO(step 1): Functions of your own can stand here.

SharedObject SharedObject::create(const std::string& name, std::size_t bytes, std::uint64_t magic) {
  // TODO(step 1): Make the object, and nobody else's; lock its file; reserve and map its memory.
  // Write the magic and the version; the state comes with publish().
  (void)name;
  (void)bytes;
  (void)magic;
  throw std::logic_error("not implemented yet (step 1)");
}

SharedObject SharedObject::open(const std::string& name, std::size_t bytes, std::uint64_t magic,
                                support::Deadline deadline) {
  // TODO(step 1): Look at least once, and until the deadline. There may be no object, an empty
  // one, or one that is not published: touch its memory only when there is enough of it.
  (void)name;
  (void)bytes;
  (void)magic;
  (void)deadline;
  throw std::logic_error("not implemented yet (step 1)");
}

// TODO(step 1): Moving: the object that was moved from owns nothing.
SharedObject::SharedObject(SharedObject&& other) noexcept : memory_(other.memory_) {}

SharedObject::~SharedObject() {
  // TODO(step 1): Remove the name if it is ours, and unmap.
}

void SharedObject::publish() {
  // TODO(step 1): Who sees this must see all that was written before.
}

void SharedObject::remove_name() noexcept {
  // TODO(step 1): Once, and only by the one who made it.
}

}  // namespace registration
