// Calls on a WorkerPool. Setup: THREADS CAPACITY, and then maybe "stop US": one more thread, which
// stops the pool US microseconds after the beginning. Items are numbers.
//
//   submit N          "submitted"
//   flow COUNT        submits 1 to COUNT and waits until all are done: in which order they
//                     were begun
//   together COUNT    submits COUNT items; each is done only when so many are being worked on at
//                     the same time: "3 at once", or "only 1 at once"
//   stop_busy         one is being worked on, two wait in the queue. stop() is given much time, and
//                     the one is let go when stop() waits: "stop() waited for it"; or what was
//                     wrong
//   stop_late         the same, but the one goes on until it is aborted, and stop() is given no
//                     time: "done 1, aborted 1"; or what was wrong
//   stop              "stopped"
//   construct THREADS CAPACITY   "made", or what the constructor threw
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "grader/harness/asleep.h"
#include "grader/harness/deadline.h"
#include "grader/harness/probe.h"
#include "worker_pool.h"

namespace {

using support::Deadline;

constexpr auto kLong = std::chrono::seconds(60);
constexpr int kLongMs = 60'000;

// How long an item waits for what should come; a pool of one thread must not hang in it.
std::chrono::milliseconds patience() { return std::chrono::milliseconds(kit::patience_ms()); }

struct Item {
  int number = 0;
  bool is_aborted = false;  // guarded by the Work's mutex
};
using ItemPtr = std::unique_ptr<Item>;
using Pool = proxy_cache::WorkerPool<ItemPtr>;

// What is done with items, and what is noted of it. The mutex is for calls of one thread only:
// "submit" and "stop" never touch it, so it orders nothing there.
class Work {
 public:
  enum class How { kSilent, kNoted, kMeet, kUntilReleased, kUntilAborted };

  void begin(How how, std::size_t wanted) {
    std::lock_guard lock(mutex_);
    how_ = how;
    wanted_ = wanted;
  }

  void carry_out(Item& item) {
    if (how_ == How::kSilent) return;
    std::unique_lock lock(mutex_);
    begun_.push_back(item.number);
    most_at_once_ = std::max(most_at_once_, ++at_once_);
    changed_.notify_all();
    if (how_ == How::kMeet) {
      const auto is_over = [&] { return most_at_once_ >= wanted_ || have_given_up_; };
      have_given_up_ = !changed_.wait_for(lock, patience(), is_over) || have_given_up_;
    } else if (how_ == How::kUntilReleased) {
      changed_.wait_for(lock, patience(), [&] { return is_released_ || item.is_aborted; });
    } else if (how_ == How::kUntilAborted) {
      changed_.wait_for(lock, patience(), [&] { return item.is_aborted; });
    }
    --at_once_;
    ++done_;
    aborted_ += item.is_aborted;
    changed_.notify_all();
  }

  void abort(Item& item) {
    std::lock_guard lock(mutex_);
    item.is_aborted = true;
    changed_.notify_all();
  }

  bool wait_for_begun(std::size_t count) {
    return wait([&] { return begun_.size() >= count; });
  }
  bool wait_for_done(int count) {
    return wait([&] { return done_ >= count; });
  }

  void release() {
    std::lock_guard lock(mutex_);
    is_released_ = true;
    changed_.notify_all();
  }

  std::string begun() const {
    std::string out;
    for (const int number : begun_) out += (out.empty() ? "" : " ") + std::to_string(number);
    return out.empty() ? "nothing" : out;
  }
  std::string counts() const {
    return "done " + std::to_string(done_) + ", aborted " + std::to_string(aborted_);
  }
  int done() {
    std::lock_guard lock(mutex_);
    return done_;
  }
  int aborted() {
    std::lock_guard lock(mutex_);
    return aborted_;
  }
  std::size_t most_at_once() const { return most_at_once_; }

 private:
  template <typename Condition>
  bool wait(Condition condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kLong, condition);
  }

  How how_ = How::kSilent;
  std::size_t wanted_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<int> begun_;
  std::size_t at_once_ = 0;
  std::size_t most_at_once_ = 0;
  int done_ = 0;
  int aborted_ = 0;
  bool is_released_ = false;
  bool have_given_up_ = false;  // the others need not wait as long
};

class WorkersAdapter : public kit::Adapter {
 public:
  explicit WorkersAdapter(const kit::Words& setup)
      : pool_(std::stoull(setup.at(0)), std::stoull(setup.at(1)),
              [this](ItemPtr& item) { work_.carry_out(*item); }) {
    if (setup.size() < 4) return;
    stopper_ = std::thread([this, us = std::stoul(setup[3])] {
      if (us > 0) static_cast<void>(::usleep(us));
      stop(0);
    });
  }

  ~WorkersAdapter() override {
    work_.release();
    if (stopper_.joinable()) stopper_.join();
  }

  std::string call(const std::string& name, const kit::Words& args) override {
    if (name == "submit") return submit(std::stoi(args.at(0)));
    if (name == "flow") return flow(std::stoi(args.at(0)));
    if (name == "together") return together(std::stoi(args.at(0)));
    if (name == "stop_busy") return stop_busy();
    if (name == "stop_late") return stop_late();
    if (name == "stop") {
      stop(kLongMs);
      return "stopped";
    }
    if (name == "construct") {
      Pool other(std::stoull(args.at(0)), std::stoull(args.at(1)), [](ItemPtr&) {});
      return "made";
    }
    throw kit::UnknownCall{name};
  }

 private:
  std::string submit(int number) {
    auto item = std::make_unique<Item>();
    item->number = number;
    pool_.submit(std::move(item));
    return "submitted";
  }

  void stop(int ms) {
    pool_.stop(Deadline::after_ms(ms), [this](ItemPtr& item) { work_.abort(*item); });
  }

  std::string flow(int count) {
    work_.begin(Work::How::kNoted, 0);
    for (int i = 1; i <= count; ++i) submit(i);
    const bool all = work_.wait_for_done(count);
    stop(kLongMs);
    return work_.begun() + (all ? "" : ", and then no more");
  }

  std::string together(int count) {
    work_.begin(Work::How::kMeet, static_cast<std::size_t>(count));
    for (int i = 1; i <= count; ++i) submit(i);
    work_.wait_for_done(count);
    stop(kLongMs);
    const std::size_t most = work_.most_at_once();
    return (most < static_cast<std::size_t>(count) ? "only " : "") + std::to_string(most) +
           " at once";
  }

  std::string stop_busy() {
    if (std::string wrong = keep_busy(Work::How::kUntilReleased); !wrong.empty()) return wrong;
    int done_by_then = -1;
    std::atomic<pid_t> tid{0};
    std::atomic<bool> has_returned{false};
    std::thread stopping([&] {
      tid = static_cast<pid_t>(::syscall(SYS_gettid));
      stop(kLongMs);
      done_by_then = work_.done();
      has_returned = true;
    });
    wait_until_asleep(tid, has_returned);
    work_.release();
    stopping.join();
    if (done_by_then < 1) return "stop() returned while an item was being worked on";
    return work_.aborted() == 0 ? "stop() waited for it" : "stop() aborted it, and there was time";
  }

  // Until the thread waits in its call, or has returned from it.
  static void wait_until_asleep(const std::atomic<pid_t>& tid,
                                const std::atomic<bool>& has_returned) {
    const kit::Deadline end = kit::Deadline::after_ms(kit::patience_ms() / 2);
    while (!has_returned && !end.expired() && !(tid != 0 && kit::is_asleep(tid)))
      static_cast<void>(::usleep(300));
  }

  std::string stop_late() {
    if (std::string wrong = keep_busy(Work::How::kUntilAborted); !wrong.empty()) return wrong;
    stop(0);
    return work_.counts();
  }

  // One worker, busy, and two more items in the queue.
  std::string keep_busy(Work::How how) {
    work_.begin(how, 0);
    submit(1);
    if (!work_.wait_for_begun(1)) return "no worker takes the item";
    submit(2);
    submit(3);
    return "";
  }

  Work work_;
  Pool pool_;
  std::thread stopper_;
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words& setup) {
  return std::make_unique<WorkersAdapter>(setup);
}
