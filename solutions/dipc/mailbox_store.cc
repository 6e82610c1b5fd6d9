#include "mailbox_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "labs/support/error.h"

namespace dipc {

//~ begin step 1: The layout, and functions of your own.
namespace {

constexpr std::uint64_t kMagic = 0x4344'4958'4f42'4d31;  // tells our objects from others'
constexpr std::uint32_t kVersion = 1;                    // of the layout
constexpr std::uint64_t kAlignment = 64;                 // a cache line

// Sizes come from the command line: any sum or product of them may be too large for 64 bits, and
// one that wrapped round would look small. A size that cannot be is as much as "no memory".
std::uint64_t add(std::uint64_t left, std::uint64_t right) {
  std::uint64_t sum;
  if (__builtin_add_overflow(left, right, &sum)) support::throw_error(ENOMEM, "size of the store");
  return sum;
}

std::uint64_t multiply(std::uint64_t left, std::uint64_t right) {
  std::uint64_t product;
  if (__builtin_mul_overflow(left, right, &product)) {
    support::throw_error(ENOMEM, "size of the store");
  }
  return product;
}

std::uint64_t align(std::uint64_t bytes) { return add(bytes, kAlignment - 1) & ~(kAlignment - 1); }

// Where the parts begin, by the shape.
struct Layout {
  explicit Layout(const StoreShape& shape)
      : mailboxes_at(kAlignment + add(kAlignment, align(shape.common_bytes))),
        data_in_mailbox_at(add(kAlignment, align(shape.lock_bytes))),
        mailbox_stride(add(data_in_mailbox_at, align(shape.mailbox_bytes))),
        bytes(add(mailboxes_at, multiply(shape.mailboxes, mailbox_stride))) {
    // The calls below take signed sizes.
    if (bytes > static_cast<std::uint64_t>(PTRDIFF_MAX)) {
      support::throw_error(ENOMEM, "size of the store");
    }
  }

  static constexpr std::uint64_t common_at = 2 * kAlignment;
  static constexpr std::uint64_t lock_in_mailbox_at = kAlignment;
  const std::uint64_t mailboxes_at;
  const std::uint64_t data_in_mailbox_at;
  const std::uint64_t mailbox_stride;
  const std::uint64_t bytes;
};

support::UniqueFd open_object(const std::string& name, int flags) {
  // Only this user may look into it. shm_open() sets FD_CLOEXEC by itself.
  support::UniqueFd fd(::shm_open(name.c_str(), O_RDWR | flags, 0600));
  if (!fd && errno != ENOENT) support::throw_errno("shm_open " + name);
  return fd;
}

// False when somebody has the file lock: a process that lives.
bool try_file_lock(int fd) {
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return true;
  if (errno == EWOULDBLOCK) return false;
  support::throw_errno("flock");
}

struct stat status_of(int fd) {
  struct stat status;
  if (::fstat(fd, &status) < 0) support::throw_errno("fstat");
  return status;
}

// Between our opening the object and our locking it, who had the lock may have removed the name.
// Then what we hold is nobody's any more, and the name may be another object's by now.
bool has_no_name(int fd) { return status_of(fd).st_nlink == 0; }

void remove_name(const std::string& name) {
  if (::shm_unlink(name.c_str()) < 0) support::throw_errno("shm_unlink " + name);
}

// Reserves all the memory now. Without this, the object would be a promise: a page that cannot be
// had when it is first written to ends the process with SIGBUS.
void reserve(int fd, std::uint64_t bytes) {
  int error;
  do {
    error = ::posix_fallocate(fd, 0, static_cast<off_t>(bytes));
  } while (error == EINTR);
  if (error != 0) {
    support::throw_error(error, "reserve " + std::to_string(bytes) + " bytes of shared memory");
  }
}

char* map(int fd, std::uint64_t bytes) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) support::throw_errno("mmap");
  return static_cast<char*>(memory);
}

// The beginning of the object. There are no gaps between the members: they would be written, too,
// with whatever was in memory there.
struct Header {
  std::uint64_t magic;
  std::uint32_t version;
  // Set last, when all the rest is there. Who attaches looks at it first: acquire and release make
  // sure that who sees it set also sees the rest.
  std::atomic<std::uint32_t> is_complete;
  std::int64_t owner_pid;
  std::uint64_t owner_start_time;
  StoreShape shape;
};
static_assert(sizeof(Header) <= kAlignment);

ProcessIdentity owner_in(const Header& header) {
  return {static_cast<pid_t>(header.owner_pid), header.owner_start_time};
}

// Written with pwrite(), before there is any memory to map: from here on, dipcrm knows who we are.
void write_header(int fd, const StoreShape& shape, const ProcessIdentity& owner) {
  Header header{kMagic, kVersion, 0, owner.pid, owner.start_time, shape};
  ssize_t count = ::pwrite(fd, &header, sizeof header, 0);
  if (count < 0) support::throw_errno("write the store's header");
  if (count != sizeof header) support::throw_error(ENOSPC, "write the store's header");
}

// Read from the object itself: to map an object that is still empty, and touch it, would be SIGBUS.
// False when there is no header, or it is not one of ours.
bool read_header(int fd, Header& header) {
  ssize_t count = ::pread(fd, &header, sizeof header, 0);
  if (count < 0) support::throw_errno("read the store's header");
  return count == sizeof header && header.magic == kMagic && header.version == kVersion;
}

// An object that is empty and ours: whatever was there was a dead server's.
support::UniqueFd claim(const std::string& name) {
  for (;;) {
    support::UniqueFd fd = open_object(name, O_CREAT);
    if (!fd) continue;  // ENOENT in spite of O_CREAT: removed in the middle of the call
    if (!try_file_lock(fd.get())) {
      throw StoreInUse(name + ": belongs to a server that runs");
    }
    if (has_no_name(fd.get())) continue;
    // Empty: new, or its maker died before it wrote anything. Either way it is as good as new.
    if (status_of(fd.get()).st_size == 0) return fd;
    // It is not reused: somebody may still look at it. A new one is made under its name.
    remove_name(name);
  }
}

}  // namespace

MailboxStore::MailboxStore(support::UniqueFd fd, const StoreShape& shape,
                           const ProcessIdentity& owner)
    : fd_(std::move(fd)), bytes_(Layout(shape).bytes), shape_(shape), owner_(owner) {}
//~ end

std::string MailboxStore::name_of(std::uint16_t port) { return "/dipc-" + std::to_string(port); }

MailboxStore MailboxStore::create(std::uint16_t port, const StoreShape& shape) {
  //~ begin step 1: Take over the name, reserve the memory, map it, and say that it is complete when
  //~   it is. Whatever goes wrong, or if we are killed anywhere in here: nothing may be left that
  //~   the next create() or remove_stale() does not clear.
  //~| (void)port;
  //~| (void)shape;
  //~| throw std::logic_error("not implemented yet (step 1)");
  if (shape.mailboxes == 0 || shape.mailbox_bytes == 0) {
    throw std::invalid_argument("a store needs a mailbox, and a mailbox needs room");
  }
  Layout layout(shape);  // throws before anything is made
  ProcessIdentity self = self_identity();
  std::string name = name_of(port);
  MailboxStore store(claim(name), shape, self);
  store.created_name_ = name;  // from here on, the destructor removes it
  write_header(store.fd_.get(), shape, self);
  reserve(store.fd_.get(), layout.bytes);
  store.memory_ = map(store.fd_.get(), layout.bytes);
  reinterpret_cast<Header*>(store.memory_)->is_complete.store(1, std::memory_order_release);
  return store;
  //~ end
}

MailboxStore MailboxStore::open(std::uint16_t port) {
  //~ begin step 1: Do not trust what is there: it may be empty, half made, or not ours at all.
  //~| (void)port;
  //~| throw std::logic_error("not implemented yet (step 1)");
  std::string name = name_of(port);
  support::UniqueFd fd = open_object(name, 0);
  if (!fd) throw NoStore(name + ": no such store");
  Header header;
  if (!read_header(fd.get(), header)) throw NoStore(name + ": not a store, or not a whole one");
  MailboxStore store(std::move(fd), header.shape, owner_in(header));
  if (static_cast<std::uint64_t>(status_of(store.fd_.get()).st_size) < store.bytes_) {
    throw NoStore(name + ": is still being made");
  }
  store.memory_ = map(store.fd_.get(), store.bytes_);
  auto* mapped = reinterpret_cast<Header*>(store.memory_);
  if (mapped->is_complete.load(std::memory_order_acquire) == 0) {
    throw NoStore(name + ": is still being made");
  }
  return store;
  //~ end
}

std::optional<ProcessIdentity> MailboxStore::owner_of(std::uint16_t port) {
  //~ begin step 1: Read the header without mapping it.
  //~| (void)port;
  //~| return std::nullopt;
  support::UniqueFd fd = open_object(name_of(port), 0);
  Header header;
  if (!fd || !read_header(fd.get(), header)) return std::nullopt;
  return owner_in(header);
  //~ end
}

MailboxStore::Removal MailboxStore::remove_stale(std::uint16_t port) {
  //~ begin step 1: Remove the object when its owner is dead, and only then.
  //~| (void)port;
  //~| return Removal::kNone;
  std::string name = name_of(port);
  for (;;) {
    support::UniqueFd fd = open_object(name, 0);
    if (!fd) return Removal::kNone;
    if (!try_file_lock(fd.get())) return Removal::kInUse;
    if (has_no_name(fd.get())) continue;
    remove_name(name);
    return Removal::kRemoved;
  }
  //~ end
}

//~ begin step 1: Moving: the store that was moved from owns nothing.
//~| MailboxStore::MailboxStore(MailboxStore&& other) noexcept
//~|     : shape_(other.shape_), owner_(other.owner_) {}
MailboxStore::MailboxStore(MailboxStore&& other) noexcept
    : fd_(std::move(other.fd_)),
      memory_(std::exchange(other.memory_, nullptr)),
      bytes_(other.bytes_),
      created_name_(std::exchange(other.created_name_, std::string())),
      shape_(other.shape_),
      owner_(other.owner_) {}
//~ end

MailboxStore::~MailboxStore() {
  //~ begin step 1: Unmap, and remove the object if this store created it.
  // The name first, while we have the file lock: as soon as that is gone, the name may be somebody
  // else's object's. (shm_unlink() of a name of ours fails only if somebody removed it by hand.)
  if (!created_name_.empty()) static_cast<void>(::shm_unlink(created_name_.c_str()));
  if (memory_ != nullptr) static_cast<void>(::munmap(memory_, bytes_));
  //~ end
}

std::size_t MailboxStore::length(std::uint64_t index) const {
  //~ begin step 1: How much data the mailbox holds.
  //~| (void)index;
  //~| return 0;
  return length_in(mailbox_at(index));
  //~ end
}

std::size_t MailboxStore::read(std::uint64_t index, std::span<char> out) const {
  //~ begin step 1: Copy, and never beyond the end of `out`.
  //~| (void)index;
  //~| (void)out;
  //~| return 0;
  char* mailbox = mailbox_at(index);
  std::size_t count = std::min<std::size_t>(length_in(mailbox), out.size());
  if (count > 0) std::memcpy(out.data(), data_in(mailbox), count);
  return count;
  //~ end
}

void MailboxStore::write(std::uint64_t index, std::string_view data) {
  //~ begin step 1: Check, then copy. Think of a process that is killed between any two lines.
  //~| (void)index;
  //~| (void)data;
  char* mailbox = mailbox_at(index);
  if (data.size() > shape_.mailbox_bytes) throw std::length_error("more than the mailbox holds");
  // Empty while it is being filled: whoever is killed in the middle leaves it so. The fences keep
  // the compiler from moving the stores; what the processor has stored outlives the process.
  length_in(mailbox) = 0;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (!data.empty()) std::memcpy(data_in(mailbox), data.data(), data.size());
  std::atomic_signal_fence(std::memory_order_seq_cst);
  length_in(mailbox) = data.size();
  //~ end
}

void* MailboxStore::lock_memory(std::uint64_t index) const {
  //~ begin step 1: Where the layout has the mailbox's lock.
  //~| (void)index;
  //~| return nullptr;
  return mailbox_at(index) + Layout::lock_in_mailbox_at;
  //~ end
}

void* MailboxStore::common_memory() const {
  //~ begin step 1: Where the layout has what there is only once.
  //~| return nullptr;
  return memory_ + Layout::common_at;
  //~ end
}

//~ begin step 1: Where a mailbox is, and what is in it.
char* MailboxStore::mailbox_at(std::uint64_t index) const {
  if (index >= shape_.mailboxes) throw std::out_of_range("no such mailbox");
  Layout layout(shape_);
  return memory_ + layout.mailboxes_at + index * layout.mailbox_stride;
}

std::uint64_t& MailboxStore::length_in(char* mailbox) const {
  return *reinterpret_cast<std::uint64_t*>(mailbox);
}

char* MailboxStore::data_in(char* mailbox) const {
  return mailbox + Layout(shape_).data_in_mailbox_at;
}
//~ end

}  // namespace dipc
