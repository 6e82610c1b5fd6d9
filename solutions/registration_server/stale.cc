#include "stale.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "labs/support/error.h"
#include "labs/support/fd.h"
#include "wire.h"

namespace registration {

//~ begin step 6: Functions of your own can stand here.
namespace {

// What can be read of a connect channel that nobody writes to any more.
class DeadChannel {
 public:
  // One that was killed before it was complete has no seats that are in use.
  explicit DeadChannel(int fd) {
    struct stat status;
    if (::fstat(fd, &status) < 0) support::throw_errno("fstat");
    has_name_ = status.st_nlink != 0;
    if (static_cast<std::size_t>(status.st_size) < sizeof(wire::ConnectChannel)) return;
    memory_ = ::mmap(nullptr, sizeof(wire::ConnectChannel), PROT_READ, MAP_SHARED, fd, 0);
    if (memory_ == MAP_FAILED) support::throw_errno("mmap");
  }
  DeadChannel(const DeadChannel&) = delete;
  DeadChannel& operator=(const DeadChannel&) = delete;
  ~DeadChannel() {
    if (memory_ != nullptr) static_cast<void>(::munmap(memory_, sizeof(wire::ConnectChannel)));
  }

  // Without one, somebody has cleared it away before us; the name is nobody's or a new object's.
  bool has_name() const { return has_name_; }

  // The key of the client in this seat, if there is a comm channel.
  wire::Key key_in(std::size_t seat) const {
    if (memory_ == nullptr) return wire::kNoKey;
    auto* channel = static_cast<const wire::ConnectChannel*>(memory_);
    return channel->header.magic == wire::kConnectMagic ? channel->seats[seat].key : wire::kNoKey;
  }

 private:
  bool has_name_ = false;
  void* memory_ = nullptr;
};

void remove_name(const std::string& name) {
  // It may have died between writing down the name and making the object, or after removing it.
  if (::shm_unlink(name.c_str()) < 0 && errno != ENOENT) support::throw_errno("shm_unlink " + name);
}

// The name is made from the key, and not taken from the seat: whatever has been written there by
// whomever, nothing but objects of this instance is removed.
void remove_comm_channels(const std::string& instance, const DeadChannel& channel) {
  for (std::size_t seat = 0; seat < wire::kMaxClients; ++seat) {
    wire::Key key = channel.key_in(seat);
    if (key != wire::kNoKey) remove_name(wire::comm_object_name(instance, key));
  }
}

}  // namespace
//~ end

Removal remove_stale(const std::string& instance) {
  //~ begin step 6: Only an object whose file lock can be had, and only if it still has its name.
  //~| (void)instance;
  //~| return Removal::kNone;
  const std::string name = wire::connect_object_name(instance);
  for (;;) {
    support::UniqueFd fd(::shm_open(name.c_str(), O_RDWR, 0));
    if (!fd && errno == ENOENT) return Removal::kNone;
    if (!fd) support::throw_errno("shm_open " + name);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) < 0) {
      if (errno == EWOULDBLOCK) return Removal::kInUse;
      support::throw_errno("flock");
    }
    DeadChannel channel(fd.get());
    if (!channel.has_name()) continue;
    remove_comm_channels(instance, channel);
    remove_name(name);
    return Removal::kRemoved;
  }
  //~ end
}

}  // namespace registration
