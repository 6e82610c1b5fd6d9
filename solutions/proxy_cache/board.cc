#include "board.h"

#include <fcntl.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <new>
#include <system_error>

#include "labs/support/error.h"

namespace proxy_cache {

// What stands on the board.
struct BoardMemory {
  std::atomic<std::uint32_t> mark;  // kMark once it is published: the rest is there, and stays
  std::atomic<std::uint32_t> epoch;
  pid_t proxy_pid;
  Shape shape;
  sem_t first_cache;  // a turnstile: posted by the first cache, and by each who has passed
};

namespace {

constexpr std::uint32_t kMark = 0x50434231;  // "PCB1": the number changes with the layout

// The object of this name, if there is one.
std::optional<SharedMemory> open_if_there(const std::string& name) {
  try {
    return SharedMemory::open(name);
  } catch (const std::system_error& error) {
    if (error.code().value() == ENOENT) return std::nullopt;
    throw;
  }
}

//~ begin step 5: Functions of your own can stand here. Which byte of the board says who is there.
constexpr off_t kProxyByte = 0;
constexpr off_t kCacheByte = 1;

struct flock lock_on(off_t byte) {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = byte;
  lock.l_len = 1;
  return lock;
}

// False when somebody else has it.
bool lock_byte(int fd, off_t byte) {
  struct flock lock = lock_on(byte);
  if (::fcntl(fd, F_OFD_SETLK, &lock) == 0) return true;
  if (errno == EAGAIN || errno == EACCES) return false;
  support::throw_errno("fcntl F_OFD_SETLK");
}

bool is_locked_by_another(int fd, off_t byte) {
  struct flock lock = lock_on(byte);
  if (::fcntl(fd, F_OFD_GETLK, &lock) < 0) support::throw_errno("fcntl F_OFD_GETLK");
  return lock.l_type != F_UNLCK;
}

bool has_a_name(int fd) {
  struct stat status;
  if (::fstat(fd, &status) < 0) support::throw_errno("fstat");
  return status.st_nlink > 0;
}

// Takes away the board of a proxy that is dead. Two proxies may start at the same time: only who
// has the lock on a board takes its name away, so nobody takes away one that is in use.
void remove_stale(const std::string& name) {
  std::optional<SharedMemory> old = open_if_there(name);
  if (!old) return;
  if (!lock_byte(old->fd(), kProxyByte)) {
    throw InstanceInUse(name + ": another webproxy has this instance");
  }
  if (has_a_name(old->fd())) static_cast<void>(::shm_unlink(name.c_str()));
}

// Makes the board's memory and puts the proxy's lock on it. False when somebody was quicker.
bool make_locked(const std::string& name, std::optional<SharedMemory>& memory) {
  try {
    memory.emplace(SharedMemory::create(name, sizeof(BoardMemory)));
  } catch (const std::system_error& error) {
    if (error.code().value() == EEXIST) return false;
    throw;
  }
  // Until it is locked it looks stale, and may have been taken away already.
  if (lock_byte(memory->fd(), kProxyByte) && has_a_name(memory->fd())) return true;
  memory->disown();
  return false;
}
//~ end

SharedMemory make_memory(const std::string& name) {
  //~ begin step 5: What a dead proxy has left must be taken away first, but not the board of one
  //~   that lives. The proxy's lock says which it is.
  //~| return SharedMemory::create(name, sizeof(BoardMemory));
  std::optional<SharedMemory> memory;
  do {
    memory.reset();
    remove_stale(name);
  } while (!make_locked(name, memory));
  return std::move(*memory);
  //~ end
}

}  // namespace

Board Board::create(const std::string& name, const Shape& shape) {
  Board board(make_memory(name));
  auto* content = new (board.memory_.data()) BoardMemory{};
  content->proxy_pid = ::getpid();
  content->shape = shape;
  if (::sem_init(&content->first_cache, /*pshared=*/1, 0) < 0) support::throw_errno("sem_init");
  return board;
}

void Board::publish() {
  // Who sees the mark sees all that was written before it.
  content().mark.store(kMark, std::memory_order_release);
}

std::optional<Board> Board::find(const std::string& name) {
  std::optional<SharedMemory> memory = open_if_there(name);
  // The proxy may be in the middle of making it.
  if (!memory || memory->size() < sizeof(BoardMemory)) return std::nullopt;
  Board board(std::move(*memory));
  if (board.content().mark.load(std::memory_order_acquire) != kMark) return std::nullopt;
  if (!board.proxy_is_alive()) return std::nullopt;
  return board;
}

const Shape& Board::shape() const { return content().shape; }

pid_t Board::proxy_pid() const { return content().proxy_pid; }

void Board::take_cache_place() {
  //~ begin step 5: Put the cache's lock on it.
  if (!lock_byte(memory_.fd(), kCacheByte)) {
    throw InstanceInUse("another simplecached has this instance");
  }
  //~ end
}

std::uint32_t Board::begin_epoch() {
  std::uint32_t epoch = content().epoch.fetch_add(1) + 1;
  if (::sem_post(&content().first_cache) < 0) support::throw_errno("sem_post");
  return epoch;
}

std::uint32_t Board::epoch() const { return content().epoch.load(); }

bool Board::wait_for_first_cache(support::Deadline deadline) const {
  //~ begin step 5: Wait for first_cache, and let the next one pass.
  //~| (void)deadline;
  //~| return epoch() != 0;
  if (epoch() != 0) return true;
  timespec at = deadline.at();
  while (::sem_clockwait(&content().first_cache, CLOCK_MONOTONIC, &at) < 0) {
    if (errno == ETIMEDOUT) return false;
    if (errno != EINTR) support::throw_errno("sem_clockwait");
  }
  if (::sem_post(&content().first_cache) < 0) support::throw_errno("sem_post");
  return true;
  //~ end
}

bool Board::proxy_is_alive() const {
  //~ begin step 5: Whether the proxy's lock is on it.
  //~| return true;
  return is_locked_by_another(memory_.fd(), kProxyByte);
  //~ end
}

bool Board::cache_is_alive(std::uint32_t epoch) const {
  //~ begin step 5: And is there anybody?
  //~| return epoch == this->epoch();
  // A cache that is just coming has the lock already, and the epoch is still the one before. That
  // does no harm: who waits looks again. What must not be is that one that lives looks dead.
  return is_locked_by_another(memory_.fd(), kCacheByte) && epoch == this->epoch();
  //~ end
}

BoardMemory& Board::content() const { return *reinterpret_cast<BoardMemory*>(memory_.data()); }

}  // namespace proxy_cache
