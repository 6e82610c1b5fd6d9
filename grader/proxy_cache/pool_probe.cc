// Calls on a SegmentPool.
//
// Setup: COUNT BYTES USERS: a pool of so many segments, for so many users. A fourth word "close"
// closes it at some time, on a thread of the probe: then every call returns in the end. A call that
// begins with a letter and a dot is made by the one of that name, A to F: each thread of a scenario
// uses one name.
//
//   A.take MS           "segment 0", or "none"
//   A.wait              the same without a deadline
//   A.give              gives back the oldest one that it has: "given"
//   A.give_and_take     gives back, and takes at once, without waiting: as take. What it gets then,
//                       it gives back, too
//   A.throw             takes a segment in a function that throws: "threw"
//   A.use               writes its letter all over its segment, and looks again: "alone", or
//                       "shared with B"
//   A.watch N           until N threads wait in the pool: "2 wait"; or "not known"
//   A.empty             until no segment is free: "empty"; or "not known"
//   A.end               "-"; the last of all who say it: "2 free, 0 wait"
//   A.close             "closed"
//   count               "2 free, 0 wait"
//   pool COUNT BYTES    makes another pool and lets it go: whether its object is "gone"
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <deque>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <thread>

#include "grader/harness/probe.h"
#include "segment_pool.h"

extern "C" bool kit_is_explored() __attribute__((weak));

namespace {

using proxy_cache::SegmentPool;
using support::Deadline;

constexpr int kPastMs = -1000;
constexpr int kExploredMs = 200;  // there, each look takes some of it

bool is_explored() { return kit_is_explored != nullptr && kit_is_explored(); }

// An explored run has its names for itself, and a process id that grows by a digit would make it
// another run than the one before.
std::string name_of(const char* what) {
  if (is_explored()) return std::string("/kit_pool.") + what;
  return "/kit_pool." + std::to_string(::getpid()) + "." + what;
}

bool exists(const std::string& name) {
  const int fd = ::shm_open(name.c_str(), O_RDWR, 0);
  if (fd >= 0) ::close(fd);
  return fd >= 0;
}

std::string there(const std::string& name) { return exists(name) ? "there" : "gone"; }

// What one user of the pool has. On a thread of its own, and never touched by another one.
thread_local std::deque<SegmentPool::Lease> t_leases;

class PoolAdapter : public kit::Adapter {
 public:
  explicit PoolAdapter(const kit::Words& setup) {
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
    if (name.size() > 2 && name[1] == '.') return user_call(name[0], name.substr(2), args);
    if (not_made_) std::rethrow_exception(not_made_);
    if (name == "count") return count();
    if (name == "pool") {
      { SegmentPool pool(name_of("other"), std::stoul(args.at(0)), std::stoul(args.at(1))); }
      return there(name_of("other"));
    }
    throw kit::UnknownCall{name};
  }

 private:
  // Counts itself for as long as it exists.
  class Trial {
   public:
    explicit Trial(std::atomic<int>& count) : count_(count) { ++count_; }
    ~Trial() { --count_; }

   private:
    std::atomic<int>& count_;
  };

  std::string user_call(char user, const std::string& name, const kit::Words& args) {
    if (not_made_) std::rethrow_exception(not_made_);
    if (name == "take") return take(deadline_of(std::stol(args.at(0))));
    if (name == "wait") return take(Deadline::never());
    if (name == "give") return give();
    if (name == "give_and_take") {
      const Trial trial(trials_);
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
    // Who asks without waiting may stand in the line for a moment, too. It is not meant: so look at
    // the line only when nobody does. Who is seen there then has come to wait.
    const auto is_so = [&] { return trials_ == 0 && pool_->waiting_count() >= wanted; };
    if (!is_known(is_so)) return "not known";
    return std::to_string(wanted) + (wanted == 1 ? " waits" : " wait");
  }

  bool is_known(const std::function<bool()>& is_so) {
    const Deadline end = Deadline::after_ms(is_explored() ? kExploredMs : kit::patience_ms());
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
  std::atomic<int> trials_{0};              // how many are in give_and_take
  std::atomic<bool> have_given_up_{false};  // the others need not wait as long
  std::thread closer_;
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words& setup) {
  return std::make_unique<PoolAdapter>(setup);
}
