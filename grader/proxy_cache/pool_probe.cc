// Calls on SharedMemory, Segments and SegmentPool.
//
// Setup: nothing, or COUNT BYTES USERS: a pool of so many segments, for so many users. A fourth
// word "close" closes it at some time, on a thread of the probe: then every call returns in the
// end. A call that begins with a letter and a dot is made by the one of that name, A to F: each
// thread of a scenario uses one name.
//
//   A.take MS           "segment 0", or "none"
//   A.wait              the same without a deadline
//   A.give              gives back the oldest one that it has: "given"
//   A.give_and_take     gives back, and takes at once, without waiting: as take. What it gets then,
//   it
//                       gives back, too
//   A.throw             takes a segment in a function that throws: "threw"
//   A.use               writes its letter all over its segment, looks again: "alone", or "shared
//                       with B"
//   A.watch N           until N threads wait in the pool: "2 wait"; or "not known"
//   A.empty             until no segment is free: "empty"; or "not known"
//   A.end               "-"; the last of all who say it: "2 free, 0 wait"
//   A.close             "closed"
//   count               "2 free, 0 wait"
//
//   memory BYTES        an object in two processes: "shared"; or what was wrong
//   owner               who takes the name away: "made: there, opened and let go: there, let go:
//   gone" moved               the same, when the one that was made has been moved twice create()
//   when there is one: "EEXIST, and the first one is as it was" missing             open() when
//   there is none: "ENOENT" reserved BYTES      how much of it is really there: "all", "0 of 5000
//   bytes" too_much            more than any machine has: "refused, gone" empty open() of an object
//   that has no bytes: "0 bytes, null" apart COUNT BYTES   each segment filled, and looked at
//   through a second mapping: "apart" at COUNT N          the segment N of so many: "0", or what
//   was thrown segments COUNT BYTES  what create() says; open_as COUNT BYTES COUNT2 BYTES2: what
//   open() says of
//                       an object that has another shape
//   pool COUNT BYTES    makes a pool and lets it go: whether its object is "gone"
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <deque>
#include <exception>
#include <functional>
#include <new>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "grader/harness/probe.h"
#include "segment_pool.h"
#include "segments.h"
#include "shared_memory.h"

extern "C" bool kit_is_explored() __attribute__((weak));

namespace {

using proxy_cache::Segment;
using proxy_cache::SegmentPool;
using proxy_cache::Segments;
using proxy_cache::SharedMemory;
using support::Deadline;

constexpr int kUsers = 6;
constexpr int kPastMs = -1000;
constexpr int kKnownMs = 1'500;
constexpr int kExploredMs = 200;  // there, each look takes some of it

bool is_explored() { return kit_is_explored != nullptr && kit_is_explored(); }

std::string name_of(const char* what) {
  return "/kit_pool." + std::to_string(::getpid()) + "." + what;
}

bool exists(const std::string& name) {
  const int fd = ::shm_open(name.c_str(), O_RDWR, 0);
  if (fd >= 0) ::close(fd);
  return fd >= 0;
}

std::string there(const std::string& name) { return exists(name) ? "there" : "gone"; }

// What a call threw: the name of an error number, or of the exception.
std::string outcome_of(const std::function<void()>& call) {
  try {
    call();
    return "done";
  } catch (const std::system_error& error) {
    switch (error.code().value()) {
      case EEXIST:
        return "EEXIST";
      case ENOENT:
        return "ENOENT";
      case ENOSPC:
      case EFBIG:
      case ENOMEM:
        return "refused";
    }
    return error.what();
  } catch (const std::invalid_argument&) {
    return "invalid_argument";
  } catch (const std::out_of_range&) {
    return "out_of_range";
  } catch (const std::runtime_error&) {
    return "runtime_error";
  }
}

// Runs it in another process; what it returns is "" when all is well.
std::string in_child(const std::function<std::string()>& body) {
  int ends[2];
  if (::pipe(ends) != 0) throw kit::UnknownCall{"pipe"};
  const pid_t child = ::fork();
  if (child < 0) throw kit::UnknownCall{"fork"};
  if (child == 0) {
    std::string said;
    try {
      said = body();
    } catch (const std::exception& error) {
      said = error.what();
    }
    const bool is_told =
        ::write(ends[1], said.data(), said.size()) == static_cast<ssize_t>(said.size());
    ::_exit(is_told ? 0 : 1);
  }
  ::close(ends[1]);
  std::string said(500, '\0');
  const ssize_t count = ::read(ends[0], said.data(), said.size());
  ::close(ends[0]);
  said.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  int status = 0;
  if (::waitpid(child, &status, 0) < 0 || status != 0) return "the other process died";
  return said;
}

std::string memory(std::size_t bytes) {
  const std::string name = name_of(("memory" + std::to_string(bytes)).c_str());
  SharedMemory made = SharedMemory::create(name, bytes);
  if (made.size() != bytes) return "created with " + std::to_string(made.size()) + " bytes";
  if (made.data() == nullptr) return "created, and data() is null";
  for (std::size_t i = 0; i < bytes; ++i) {
    if (made.data()[i] != 0) return "created, and not all zero";
  }
  made.data()[bytes - 1] = 'a';
  const std::string said = in_child([&]() -> std::string {
    SharedMemory opened = SharedMemory::open(name);
    if (opened.size() != bytes) return "opened with " + std::to_string(opened.size()) + " bytes";
    if (opened.data() == nullptr) return "opened, and data() is null";
    if (opened.data()[bytes - 1] != 'a')
      return "the second process does not see what the first wrote";
    opened.data()[0] = 'b';
    return "";
  });
  if (!said.empty()) return said;
  return made.data()[0] == 'b' ? "shared" : "the first process does not see what the second wrote";
}

std::string owner(bool is_moved) {
  const std::string name = name_of("owner");
  std::string out;
  {
    SharedMemory first = SharedMemory::create(name, 100);
    std::optional<SharedMemory> second;
    if (is_moved) second.emplace(std::move(first));
    out = "made: " + there(name);
    if (is_moved) {
      SharedMemory away = std::move(first);  // what was moved from owns nothing
    }
    { SharedMemory opened = SharedMemory::open(name); }
    out += ", opened and let go: " + there(name);
  }
  return out + ", let go: " + there(name);
}

std::string twice() {
  const std::string name = name_of("twice");
  SharedMemory first = SharedMemory::create(name, 100);
  first.data()[7] = 'x';
  const std::string second = outcome_of([&] { SharedMemory::create(name, 200); });
  if (!exists(name)) return second + ", and the first one is gone";
  SharedMemory again = SharedMemory::open(name);
  const bool is_same = again.size() == 100 && again.data()[7] == 'x';
  return second + (is_same ? ", and the first one is as it was" : ", and the first one is changed");
}

std::string reserved(std::size_t bytes) {
  SharedMemory made = SharedMemory::create(name_of("reserved"), bytes);
  struct stat status;
  if (::fstat(made.fd(), &status) != 0) return "fd() is no descriptor of the object";
  const std::size_t there = static_cast<std::size_t>(status.st_blocks) * 512;
  if (there >= bytes) return "all";
  return std::to_string(there) + " of " + std::to_string(bytes) + " bytes";
}

std::string too_much() {
  // The limit that programs under check have for their files would end the probe.
  if (::signal(SIGXFSZ, SIG_IGN) == SIG_ERR) throw kit::UnknownCall{"signal"};
  const std::string name = name_of("too_much");
  const std::string said = outcome_of([&] { SharedMemory::create(name, std::size_t{1} << 62); });
  return said + ", " + there(name);
}

std::string empty() {
  const std::string name = name_of("empty");
  const int fd = ::shm_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600);
  if (fd < 0) throw kit::UnknownCall{"shm_open"};
  ::close(fd);
  std::string said;
  try {
    SharedMemory opened = SharedMemory::open(name);
    said = std::to_string(opened.size()) + " bytes, " +
           (opened.data() == nullptr ? "null" : "not null");
  } catch (const std::exception& error) {
    said = error.what();
  }
  ::shm_unlink(name.c_str());
  return said;
}

char mark_of(std::size_t segment) { return static_cast<char>(1 + segment % 250); }

std::string apart(std::size_t count, std::size_t bytes) {
  const std::string name = name_of("apart");
  const Segments made = Segments::create(name, count, bytes);
  const Segments opened = Segments::open(name, count, bytes);
  for (std::size_t i = 0; i < count; ++i) {
    const Segment segment = made.at(static_cast<std::uint32_t>(i));
    const std::string which = "segment " + std::to_string(i);
    if (segment.number != i) return which + " says that it is " + std::to_string(segment.number);
    if (segment.memory.size() != bytes)
      return which + " has " + std::to_string(segment.memory.size()) + " bytes";
    if (reinterpret_cast<std::uintptr_t>(segment.memory.data()) % Segments::kAlignment != 0)
      return which + " is not at a multiple of 64 bytes";
    std::memset(segment.memory.data(), mark_of(i), bytes);
  }
  for (std::size_t i = 0; i < count; ++i) {
    for (const char byte : opened.at(static_cast<std::uint32_t>(i)).memory) {
      if (byte != mark_of(i))
        return "segment " + std::to_string(i) + " is not what was written there";
    }
  }
  return "apart";
}

std::string open_as(std::size_t count, std::size_t bytes, std::size_t count2, std::size_t bytes2) {
  const std::string name = name_of("shape");
  const Segments made = Segments::create(name, count, bytes);
  return outcome_of([&] { Segments::open(name, count2, bytes2); });
}

// What one user of the pool has. On a thread of its own, and never touched by another one.
thread_local std::deque<SegmentPool::Lease> t_leases;

class PoolAdapter : public kit::Adapter {
 public:
  explicit PoolAdapter(const kit::Words& setup) {
    if (setup.empty()) return;
    try {
      pool_.emplace(name_of("pool"), std::stoul(setup.at(0)), std::stoul(setup.at(1)));
    } catch (...) {
      not_made_ = std::current_exception();  // what each call says
      return;
    }
    users_ = std::stoi(setup.at(2));
    if (setup.size() > 3) closer_ = std::thread([this] { pool_->close(); });
  }

  // A scenario of one thread has left them on the probe's main thread.
  ~PoolAdapter() override {
    t_leases.clear();
    if (closer_.joinable()) closer_.join();
  }

  std::string call(const std::string& name, const kit::Words& args) override {
    const auto number = [&](std::size_t i) { return std::stoul(args.at(i)); };
    if (name.size() > 2 && name[1] == '.') return user_call(name[0], name.substr(2), args);
    if (not_made_) std::rethrow_exception(not_made_);
    if (name == "count") return count();
    if (name == "memory") return memory(number(0));
    if (name == "owner") return owner(false);
    if (name == "moved") return owner(true);
    if (name == "twice") return twice();
    if (name == "missing") return outcome_of([] { SharedMemory::open(name_of("missing")); });
    if (name == "reserved") return reserved(number(0));
    if (name == "too_much") return too_much();
    if (name == "empty") return empty();
    if (name == "apart") return apart(number(0), number(1));
    if (name == "at") {
      const Segments segments = Segments::create(name_of("at"), number(0), 100);
      return outcome_of([&] { segments.at(static_cast<std::uint32_t>(number(1))); });
    }
    if (name == "segments")
      return outcome_of([&] { Segments::create(name_of("shape"), number(0), number(1)); });
    if (name == "open_as") return open_as(number(0), number(1), number(2), number(3));
    if (name == "pool") {
      { SegmentPool pool(name_of("other"), number(0), number(1)); }
      return there(name_of("other"));
    }
    throw kit::UnknownCall{name};
  }

 private:
  std::string user_call(char user, const std::string& name, const kit::Words& args) {
    if (not_made_) std::rethrow_exception(not_made_);
    if (name == "take") return take(deadline_of(std::stol(args.at(0))));
    if (name == "wait") return take(Deadline::never());
    if (name == "give") return give();
    if (name == "give_and_take") {
      give();
      const std::string result = take(deadline_of(0));
      // What it should not have got goes back, so that the others come to their end.
      give();
      return result;
    }
    if (name == "throw") return throw_with_lease();
    if (name == "use") return use(user);
    if (name == "watch") return watch(std::stoul(args.at(0)));
    if (name == "empty")
      return is_known([&] { return pool_->free_count() == 0; }) ? "empty" : "not known";
    if (name == "end") return end();
    if (name == "close") {
      pool_->close();
      return "closed";
    }
    throw kit::UnknownCall{name};
  }

  // Of 0 ms: one that has passed for sure.
  static Deadline deadline_of(long ms) { return Deadline::after_ms(ms == 0 ? kPastMs : ms); }

  std::string take(Deadline deadline) {
    std::optional<SegmentPool::Lease> lease = pool_->take(deadline);
    if (!lease) return "none";
    t_leases.push_back(std::move(*lease));
    return "segment " + std::to_string(t_leases.back().segment().number);
  }

  static std::string give() {
    if (t_leases.empty()) return "has none";
    t_leases.pop_front();
    return "given";
  }

  std::string throw_with_lease() {
    try {
      const std::optional<SegmentPool::Lease> lease = pool_->take(deadline_of(0));
      if (!lease) return "none";
      throw std::length_error("thrown on purpose");
    } catch (const std::length_error&) {
      return "threw";
    }
  }

  static std::string use(char user) {
    if (t_leases.empty()) return "has none";
    const std::span<char> memory = t_leases.back().segment().memory;
    for (char& byte : memory) byte = user;
    if (!is_explored()) ::sched_yield();
    for (const char byte : memory) {
      if (byte != user) return std::string("shared with ") + byte;
    }
    return "alone";
  }

  std::string watch(std::size_t wanted) {
    if (!is_known([&] { return pool_->waiting_count() >= wanted; })) return "not known";
    return std::to_string(wanted) + (wanted == 1 ? " waits" : " wait");
  }

  bool is_known(const std::function<bool()>& is_so) {
    const Deadline end = Deadline::after_ms(is_explored() ? kExploredMs : kKnownMs);
    while (!is_so()) {
      // When all others have ended, nobody will make it so.
      if (end.has_passed() || ended_ + 1 >= users_) have_given_up_ = true;
      if (have_given_up_) return false;
      const timespec pause = {0, 500'000};
      static_cast<void>(::nanosleep(&pause, nullptr));
    }
    return true;
  }

  std::string end() {
    t_leases.clear();
    return ended_.fetch_add(1) + 1 == users_ ? count() : "-";
  }

  std::string count() const {
    return std::to_string(pool_->free_count()) + " free, " +
           std::to_string(pool_->waiting_count()) + " wait";
  }

  std::exception_ptr not_made_;
  std::optional<SegmentPool> pool_;
  int users_ = 0;
  std::atomic<int> ended_{0};
  std::atomic<bool> have_given_up_{false};  // the others need not wait as long
  std::thread closer_;
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words& setup) {
  return std::make_unique<PoolAdapter>(setup);
}
