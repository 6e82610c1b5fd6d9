// Calls on FairLocks in shared memory. Setup: "threads" or "processes", which the scenario's
// threads are then; and how many locks there are, 1 when left out.
//
// A call begins with the name of who makes it, A to J: each thread of a scenario uses one name. MS
// is how long it may take at most, LOCK which lock, from 0.
//
//   A.shared MS [LOCK], A.exclusive MS [LOCK]   "locked", "timeout", "full"
//   A.release [LOCK]      "released"
//   A.read                the letter that the guarded block is full of: "a"; or "torn: a and b"
//   A.write LETTER        fills the guarded block with it: "written"
//   A.after B [N]         until B is known to wait in its Nth call of a lock: "B waits"; "B does
//   not
//                         wait" when that call has returned; "not known" after two seconds
//   A.watch B N           the same of any of B's calls, or until N of them have returned: "B waits"
//                         or "B went in"
//   A.meet N MS           until N threads are at this point: "3 together"; or "only 2"
//   A.stay MS             time passes
//   A.cpu                 the processor time in the last call of a lock: "asleep", or "busy: 90 of
//   100 ms" A.die                 the process is killed;  A.leave: the thread ends, and keeps what
//   it has A.storm US            takes and releases the lock until it is killed, after so many
//   microseconds A.crowd N             N more threads read together, and one more tries: "the last
//   one: full"
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <latch>
#include <map>
#include <new>
#include <stdexcept>
#include <thread>
#include <vector>

#include "fair_lock.h"
#include "grader/harness/probe.h"

extern "C" bool kit_is_explored() __attribute__((weak));

namespace {

using dipc::FairLock;
using support::Deadline;

constexpr int kUsers = 10;
constexpr std::size_t kMaxLocks = 4;
constexpr std::size_t kBlockWords = 64;
constexpr int kKnownMs = 2000;
constexpr int kExploredMs = 300;  // there, each look takes some of it

bool is_explored() { return kit_is_explored != nullptr && kit_is_explored(); }

// What everybody may know of one user of the locks. Atomic, but with as little order as possible:
// it must not do the lock's work.
struct User {
  std::atomic<pid_t> tid;
  std::atomic<std::uint32_t> asked;     // calls of a lock so far ...
  std::atomic<std::uint32_t> answered;  // ... and those that have returned
  std::atomic<bool> is_inside;          // a call of the lock's, a release too
};

struct Memory {
  alignas(FairLock::kAlignment) char places[FairLock::kPlacesBytes];
  alignas(FairLock::kAlignment) char locks[kMaxLocks][FairLock::kLockBytes];
  char block[kBlockWords * sizeof(std::uint64_t)];  // guarded by lock 0
  User users[kUsers];
  std::atomic<int> met;
};

std::int64_t now_ms(clockid_t clock) {
  timespec now;
  ::clock_gettime(clock, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

void sleep_us(long us) {
  const timespec time = {us / 1'000'000, us % 1'000'000 * 1000};
  ::nanosleep(&time, nullptr);
}

[[noreturn]] void die(int) {
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

// What the kernel says of a thread: its state, and how often it was taken off a processor.
struct Rest {
  char state = '?';
  std::string switches;
  bool operator==(const Rest&) const = default;
};

Rest look_at(pid_t tid) {
  Rest rest;
  std::ifstream status("/proc/" + std::to_string(tid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("State:", 0) == 0) rest.state = line.find('S', 6) != line.npos ? 'S' : 'R';
    if (line.find("ctxt_switches") != line.npos) rest.switches += line + ' ';
  }
  return rest;
}

// What one thread keeps.
thread_local std::map<int, FairLock::Hold> t_holds;
thread_local std::int64_t t_cpu_ms = 0;
thread_local std::int64_t t_wall_ms = 0;

class LockAdapter : public kit::Adapter {
 public:
  LockAdapter(bool has_processes, int locks) : has_processes_(has_processes) {
    void* memory =
        ::mmap(nullptr, sizeof(Memory), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw kit::UnknownCall{"mmap"};
    memory_ = new (memory) Memory;
    FairLock::init_places(memory_->places);
    for (int i = 0; i < locks; ++i) FairLock::init_lock(memory_->locks[i]);
  }
  ~LockAdapter() override { ::munmap(memory_, sizeof(Memory)); }

  bool has_processes() const override { return has_processes_; }

  std::string call(const std::string& name, const kit::Words& args) override {
    const int user = name.at(0) - 'A';
    if (user < 0 || user >= kUsers || name.at(1) != '.') throw kit::UnknownCall{name};
    return call(memory_->users[user], name.substr(2), args);
  }

 private:
  std::string call(User& self, const std::string& name, const kit::Words& args) {
    if (name == "shared" || name == "exclusive") return lock(self, name == "exclusive", args);
    if (name == "release") return release(self, args.empty() ? 0 : std::stoi(args[0]));
    if (name == "read") return read_block();
    if (name == "write") return write_block(args.at(0).at(0));
    if (name == "after") return await(args.at(0), args.size() > 1 ? std::stoul(args[1]) : 1, 0);
    if (name == "watch") return await(args.at(0), 0, std::stoul(args.at(1)));
    if (name == "meet") return meet(std::stoi(args.at(0)), std::stoi(args.at(1)));
    if (name == "stay") {
      sleep_us(std::stol(args.at(0)) * 1000);
      return "stayed";
    }
    if (name == "cpu") return cpu();
    if (name == "die") die(0);
    if (name == "leave") return leave();
    if (name == "storm") storm(std::stol(args.at(0)));
    if (name == "crowd") return crowd(std::stoi(args.at(0)));
    throw kit::UnknownCall{name};
  }

  FairLock lock_of(int number) { return FairLock(memory_->locks[number], memory_->places); }

  std::string lock(User& self, bool is_exclusive, const kit::Words& args) {
    const int number = args.size() > 1 ? std::stoi(args[1]) : 0;
    if (t_holds.count(number) != 0) return "has it already";
    FairLock lock = lock_of(number);
    self.tid.store(static_cast<pid_t>(::syscall(SYS_gettid)), std::memory_order_relaxed);
    const std::int64_t cpu_ms = is_explored() ? 0 : now_ms(CLOCK_THREAD_CPUTIME_ID);
    const std::int64_t begin_ms = now_ms(CLOCK_MONOTONIC);
    self.is_inside.store(true, std::memory_order_relaxed);
    self.asked.fetch_add(1, std::memory_order_relaxed);
    const Deadline deadline = Deadline::after_ms(std::stol(args.at(0)));
    FairLock::Hold hold = is_exclusive ? lock.lock_exclusive(deadline) : lock.lock_shared(deadline);
    self.is_inside.store(false, std::memory_order_relaxed);
    self.answered.fetch_add(1, std::memory_order_relaxed);
    if (!is_explored()) t_cpu_ms = now_ms(CLOCK_THREAD_CPUTIME_ID) - cpu_ms;
    t_wall_ms = now_ms(CLOCK_MONOTONIC) - begin_ms;
    return keep(number, std::move(hold));
  }

  static std::string keep(int number, FairLock::Hold hold) {
    const FairLock::Outcome outcome = hold.outcome();
    const bool is_held = static_cast<bool>(hold);
    if (is_held) t_holds.emplace(number, std::move(hold));
    switch (outcome) {
      case FairLock::Outcome::kLocked:
        return is_held ? "locked" : "says locked, and holds nothing";
      case FairLock::Outcome::kTimeout:
        return is_held ? "says timeout, and holds the lock" : "timeout";
      case FairLock::Outcome::kFull:
        return is_held ? "says full, and holds the lock" : "full";
    }
    return "no value of Outcome";
  }

  std::string release(User& self, int number) {
    const auto hold = t_holds.find(number);
    if (hold == t_holds.end()) return "has nothing";
    self.is_inside.store(true, std::memory_order_relaxed);
    hold->second.release();
    self.is_inside.store(false, std::memory_order_relaxed);
    const bool is_held = static_cast<bool>(hold->second);
    t_holds.erase(hold);
    return is_held ? "released, and the Hold is still true" : "released";
  }

  // Word by word and in no hurry, so that two at once are seen.
  std::string read_block() {
    char letters[2] = {memory_->block[0], memory_->block[0]};
    for (std::size_t i = 0; i < sizeof memory_->block; i += sizeof(std::uint64_t)) {
      if (memory_->block[i] != letters[0]) letters[1] = memory_->block[i];
      if (i == sizeof memory_->block / 2) std::this_thread::yield();
    }
    const auto name = [](char c) { return c == 0 ? std::string("nothing") : std::string(1, c); };
    if (letters[0] == letters[1]) return name(letters[0]);
    return "torn: " + name(letters[0]) + " and " + name(letters[1]);
  }

  std::string write_block(char letter) {
    for (std::size_t i = 0; i < sizeof memory_->block; i += sizeof(std::uint64_t)) {
      std::memset(memory_->block + i, letter, sizeof(std::uint64_t));
      if (i == sizeof memory_->block / 2) std::this_thread::yield();
    }
    return "written";
  }

  // Whether all who are in a call of the lock sleep, at one moment. Somebody who holds a mutex
  // inside of the lock, and will go on, does not; so whoever sleeps then, waits for its turn.
  bool all_sleep() {
    for (int pass = 0; pass < 2; ++pass) {
      static thread_local std::map<int, Rest> t_seen;
      if (pass == 0) t_seen.clear();
      for (int i = 0; i < kUsers; ++i) {
        if (!memory_->users[i].is_inside.load()) continue;
        const Rest rest = look_at(memory_->users[i].tid.load());
        if (rest.state != 'S') return false;
        if (pass == 0) t_seen[i] = rest;
        if (pass == 1 && !(t_seen[i] == rest)) return false;
      }
    }
    return true;
  }

  // Under the explorer, time goes on when nobody can do anything but wait; now and then it goes on
  // too early. It does not do so eight times on end.
  static bool time_passes() {
    for (int i = 0; i < 8; ++i) sleep_us(1000);
    return true;
  }

  std::string await(const std::string& who, std::uint32_t call, std::uint32_t enough) {
    const int number = who.empty() ? -1 : who[0] - 'A';
    if (number < 0 || number >= kUsers) throw std::invalid_argument("nobody is called so");
    User& other = memory_->users[number];
    const std::int64_t end_ms = now_ms(CLOCK_MONOTONIC) + (is_explored() ? kExploredMs : kKnownMs);
    while (now_ms(CLOCK_MONOTONIC) < end_ms) {
      const std::uint32_t answered = other.answered.load();
      const std::uint32_t wanted = enough > 0 ? answered + 1 : call;
      if (enough > 0 && answered >= enough) return who + " went in";
      if (answered >= wanted) return who + " does not wait";
      if (waits(other, wanted)) return who + " waits";
      if (!is_explored()) sleep_us(200);
    }
    return "not known";
  }

  bool waits(User& other, std::uint32_t wanted) {
    const auto is_in_it = [&] {
      return other.asked.load() == wanted && other.answered.load() < wanted;
    };
    if (!is_explored()) return is_in_it() && all_sleep() && is_in_it();
    return time_passes() && is_in_it() && time_passes() && is_in_it();
  }

  std::string meet(int wanted, int ms) {
    memory_->met.fetch_add(1);
    const std::int64_t end_ms = now_ms(CLOCK_MONOTONIC) + ms;
    while (memory_->met.load() < wanted && now_ms(CLOCK_MONOTONIC) < end_ms) sleep_us(300);
    const int met = memory_->met.load();
    return met >= wanted ? std::to_string(wanted) + " together" : "only " + std::to_string(met);
  }

  static std::string cpu() {
    if (t_cpu_ms * 4 < t_wall_ms || t_wall_ms < 20) return "asleep";
    return "busy: " + std::to_string(t_cpu_ms) + " of " + std::to_string(t_wall_ms) + " ms";
  }

  static std::string leave() {
    for (auto& [number, hold] : t_holds) new FairLock::Hold(std::move(hold));  // nobody releases it
    t_holds.clear();
    return "left";
  }

  [[noreturn]] void storm(long us) {
    ::signal(SIGALRM, die);
    const itimerval time = {{0, 0}, {0, us}};
    ::setitimer(ITIMER_REAL, &time, nullptr);
    for (int i = 0;; ++i) {
      FairLock lock = lock_of(0);
      if (i % 2 == 0)
        static_cast<void>(lock.lock_shared(Deadline::after_ms(60'000)));
      else
        static_cast<void>(lock.lock_exclusive(Deadline::after_ms(60'000)));
    }
  }

  std::string crowd(int count) {
    std::atomic<int> locked = 0;
    std::latch have_called(count);
    std::latch is_over(1);
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) {
      threads.emplace_back([&] {
        const FairLock::Hold hold = lock_of(0).lock_shared(Deadline::after_ms(3000));
        if (hold) ++locked;
        have_called.count_down();
        is_over.wait();
      });
    }
    have_called.wait();
    const FairLock::Hold last = lock_of(0).lock_shared(Deadline::after_ms(100));
    const std::string outcome = last                                         ? "locked"
                                : last.outcome() == FairLock::Outcome::kFull ? "full"
                                                                             : "timeout";
    is_over.count_down();
    for (std::thread& thread : threads) thread.join();
    return std::to_string(locked) + " locked, the last one: " + outcome;
  }

  const bool has_processes_;
  Memory* memory_;
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words& setup) {
  return std::make_unique<LockAdapter>(setup.at(0) == "processes",
                                       setup.size() > 1 ? std::stoi(setup[1]) : 1);
}
