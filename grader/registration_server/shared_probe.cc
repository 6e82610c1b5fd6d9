// Calls on shared objects, robust mutexes and semaphores. Setup: "processes" or "threads", which
// the scenario's threads are then; and the instance, after which objects are called.
//
// A call begins with the name of who makes it, A to Z; each thread of a scenario uses one name. The
// order of calls: probe_script.h. MS is how long a call may take at most.
//
//   A.create BYTES, A.open BYTES MS   "made", "opened"; or "ObjectExists", "NoObject", ...
//   A.publish, A.remove_name, A.close, A.move      "done"; move: to another object of the same kind
//   A.write LETTER        fills all behind the header: "written"
//   A.read                what it is full of: "all a", "zeros", "a mixture"
//   A.header              "magic, version", or what is wrong; A.state: "being made", "open"
//   A.stat                what others see in /dev/shm: "none", or "mode 600, all of 100 bytes"
//   A.is_locked           whether its file lock is held: "yes", "no"
//   A.raw BYTES           an object of so many zeros, without the class
//   A.grow BYTES          makes it so large
//   A.open_raw right      writes a header that is open; "wrong": with another magic number
//
//   A.lock MS, A.unlock   "locked", "locked after a death", "timeout"
//   A.try_lock, A.try_unlock, A.is_held    "yes", "no"
//   A.add                 adds one to what the mutex guards, in no hurry: "3"; A.count: "3"
//   A.post, A.wait MS     "posted"; "woken", "timeout";  A.overfill: posts as often as can be
//   A.cpu                 how it spent its last call: "asleep", "busy"
//   A.die                 the process is killed
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <new>
#include <set>
#include <system_error>

#include "grader/harness/call_times.h"
#include "grader/harness/probe.h"
#include "grader/harness/probe_script.h"
#include "robust_mutex.h"
#include "shared_object.h"
#include "wakeup.h"
#include "wire.h"

namespace {

using registration::MutexLock;
using registration::SharedObject;
using support::Deadline;

constexpr std::uint64_t kMagic = 0x7465'7374'6f62'6a31;

std::uint64_t number(const kit::Words& args, std::size_t i = 0) { return std::stoull(args.at(i)); }

Deadline deadline(const kit::Words& args, std::size_t i = 0) {
  return Deadline::after_ms(static_cast<std::int64_t>(number(args, i)));
}

// In memory that is shared from the start: what is looked at must not stand on the objects.
struct Memory {
  pthread_mutex_t mutex;
  pthread_mutex_t life;
  sem_t semaphore;
  volatile int count = 0;  // guarded by the mutex
};

thread_local std::unique_ptr<SharedObject> t_object;
thread_local std::size_t t_bytes = 0;
thread_local std::unique_ptr<MutexLock> t_lock;
thread_local kit::CallTimes t_times;

std::string thrown() {
  try {
    throw;
  } catch (const registration::ObjectExists&) {
    return "ObjectExists";
  } catch (const registration::NoObject&) {
    return "NoObject";
  } catch (const std::system_error& error) {
    const int code = error.code().value();
    if (code == ENOMEM || code == ENOSPC || code == EFBIG) return "no memory";
    throw;
  }
}

class SharedAdapter : public kit::Adapter {
 public:
  explicit SharedAdapter(const kit::Words& setup)
      : has_processes_(setup.at(0) == "processes"), name_("/registration." + setup.at(1)) {
    ::signal(SIGXFSZ, SIG_IGN);  // the grader limits the size of files: that is an error, no death
    void* memory =
        ::mmap(nullptr, sizeof(Memory), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw kit::UnknownCall{"mmap"};
    memory_ = new (memory) Memory;
    registration::init_robust(&memory_->mutex);
    registration::init_robust(&memory_->life);
    registration::init_semaphore(&memory_->semaphore);
  }
  ~SharedAdapter() override { ::shm_unlink(name_.c_str()); }

  bool has_processes() const override { return has_processes_; }

  std::string call(const std::string& name, const kit::Words& args) override {
    return script_.take(name.at(0), args, [&](const kit::Words& rest) {
      try {
        return timed_call(name.substr(2), rest);
      } catch (const std::runtime_error&) {
        return thrown();
      }
    });
  }

 private:
  std::string timed_call(const std::string& name, const kit::Words& args) {
    if (name == "cpu") return t_times.cpu();
    return t_times.measure([&] { return call_object(name, args); });
  }

  std::string call_object(const std::string& name, const kit::Words& args) {
    if (name == "create") return create(number(args));
    if (name == "open") return open(number(args), deadline(args, 1));
    if (name == "stat") return status();
    if (name == "is_locked") return is_locked();
    if (name == "raw") return resize(number(args), O_CREAT | O_EXCL);
    if (name == "grow") return resize(number(args), 0);
    if (name == "open_raw") return open_raw(args.at(0) == "right" ? kMagic : kMagic + 1);
    if (name == "die") die();
    static const std::set<std::string> kOfAnObject = {"publish", "remove_name", "close",  "move",
                                                      "write",   "read",        "header", "state"};
    if (kOfAnObject.count(name) == 0) return call_mutex(name, args);
    if (t_object == nullptr) return "has no object";
    if (name == "publish") return t_object->publish(), "done";
    if (name == "remove_name") return t_object->remove_name(), "done";
    if (name == "close") return t_object.reset(), "done";
    if (name == "move") {
      auto moved = std::make_unique<SharedObject>(std::move(*t_object));
      t_object = std::move(moved);
      return "done";
    }
    if (name == "write") return std::fill(begin(), end(), args.at(0).at(0)), "written";
    if (name == "read") return read();
    if (name == "header") return header();
    return state();
  }

  std::string call_mutex(const std::string& name, const kit::Words& args) {
    if (name == "lock") return lock(deadline(args));
    if (name == "unlock") return t_lock.reset(), "unlocked";
    if (name == "try_lock") return registration::try_lock(&memory_->life) ? "yes" : "no";
    if (name == "try_unlock") return registration::unlock(&memory_->life), "done";
    if (name == "is_held") return registration::is_held(&memory_->life) ? "yes" : "no";
    if (name == "add") return add();
    if (name == "count") return std::to_string(memory_->count);
    if (name == "post") return registration::post(&memory_->semaphore), "posted";
    if (name == "wait")
      return registration::wait(&memory_->semaphore, deadline(args)) ? "woken" : "timeout";
    if (name == "overfill") return overfill();
    throw kit::UnknownCall{name};
  }

  std::string create(std::size_t bytes) {
    t_object = std::make_unique<SharedObject>(SharedObject::create(name_, total(bytes), kMagic));
    t_bytes = bytes;
    return "made";
  }

  std::string open(std::size_t bytes, Deadline until) {
    t_object =
        std::make_unique<SharedObject>(SharedObject::open(name_, total(bytes), kMagic, until));
    t_bytes = bytes;
    return "opened";
  }

  static std::size_t total(std::size_t bytes) { return sizeof(registration::wire::Header) + bytes; }
  static char* begin() { return &t_object->as<char>() + sizeof(registration::wire::Header); }
  static char* end() { return begin() + t_bytes; }

  static std::string read() {
    if (t_bytes == 0) return "nothing";
    const char letter = *begin();
    if (std::any_of(begin(), end(), [letter](char c) { return c != letter; })) return "a mixture";
    return letter == 0 ? "zeros" : std::string("all ") + letter;
  }

  static std::string header() {
    const auto& header = t_object->as<registration::wire::Header>();
    if (header.magic != kMagic) return "another magic number";
    return header.version == registration::wire::kVersion ? "magic, version" : "another version";
  }

  static std::string state() {
    using registration::wire::ObjectState;
    switch (t_object->as<registration::wire::Header>().state.load()) {
      case ObjectState::kBeingMade:
        return "being made";
      case ObjectState::kOpen:
        return "open";
      case ObjectState::kClosed:
        return "closed";
    }
    return "no state";
  }

  std::string path() const { return "/dev/shm" + name_; }

  std::string status() const {
    struct stat status;
    if (::stat(path().c_str(), &status) != 0) return "none";
    char mode[16];
    std::snprintf(mode, sizeof mode, "%o", status.st_mode & 07777);
    const auto bytes = status.st_size - static_cast<off_t>(sizeof(registration::wire::Header));
    const bool is_all = std::int64_t{status.st_blocks} * 512 >= status.st_size;
    return std::string("mode ") + mode + (is_all ? ", all of " : ", not all of ") +
           std::to_string(bytes) + " bytes";
  }

  // As somebody sees it who was not told.
  std::string is_locked() const {
    const int fd = ::open(path().c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0) return "none";
    const bool is_had = ::flock(fd, LOCK_EX | LOCK_NB) == 0;
    ::close(fd);
    return is_had ? "no" : "yes";
  }

  std::string resize(std::size_t bytes, int flags) const {
    const int fd = ::open(path().c_str(), O_RDWR | O_CLOEXEC | flags, 0600);
    if (fd < 0) return "none";
    const bool is_done = ::ftruncate(fd, static_cast<off_t>(bytes)) == 0;
    ::close(fd);
    return is_done ? "done" : "not done";
  }

  std::string open_raw(std::uint64_t magic) const {
    const int fd = ::open(path().c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0) return "none";
    registration::wire::Header header{magic, registration::wire::kVersion, {}};
    header.state.store(registration::wire::ObjectState::kOpen);
    const bool is_done = ::pwrite(fd, &header, sizeof header, 0) == sizeof header;
    ::close(fd);
    return is_done ? "done" : "not done";
  }

  std::string lock(Deadline until) {
    t_lock = std::make_unique<MutexLock>(&memory_->mutex, until);
    if (*t_lock) return t_lock->is_after_death() ? "locked after a death" : "locked";
    t_lock.reset();
    return "timeout";
  }

  // So that two at once are seen.
  std::string add() {
    const int count = memory_->count;
    ::sched_yield();
    memory_->count = count + 1;
    return std::to_string(count + 1);
  }

  std::string overfill() {
    // sem_init(3) cannot start above its maximum, and post() would take too long to get there.
    ::sem_init(&memory_->semaphore, 1, SEM_VALUE_MAX);
    registration::post(&memory_->semaphore);
    return "posted";
  }

  [[noreturn]] static void die() {
    ::kill(::getpid(), SIGKILL);
    for (;;) ::pause();
  }

  const bool has_processes_;
  const std::string name_;
  Memory* memory_;
  kit::Script script_;
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words& setup) {
  return std::make_unique<SharedAdapter>(setup);
}
