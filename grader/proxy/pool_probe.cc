// Calls on a WorkerPool. Setup: threads, capacity, and then maybe "stop US": one more thread, which
// stops the pool US microseconds after the beginning. Requests are numbered and have no connection.
//
//   submit N          submits the request /N: "submitted"
//   flow COUNT        submits 1 to COUNT and waits until all are answered: in which order they were
//                     begun, "1 2 3"
//   together COUNT    submits COUNT requests; each is answered only when so many are being answered
//                     at the same time: "3 at once", or "only 1 at once"
//   stop_busy         one request is being answered, two wait in the queue. stop() is given much
//                     time, and then the one is let go: "stop() waited for it"; or what was wrong
//   stop_late         the same, but the one goes on until it is aborted, and stop() is given no
//                     time: "answered 1, aborted 1"; or what was wrong
//   handlers          how many handlers were made, and how many threads use each: "3, one thread
//   each" stop              "stopped" construct THREADS CAPACITY    "made", or what the constructor
//   threw
//
// Nothing here depends on how busy the machine is: no time says that something does not happen. It
// does not when all the pool's threads sleep and it has not happened (asleep.h).
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "grader/harness/asleep.h"
#include "grader/harness/probe.h"
#include "worker_pool.h"

namespace {

using support::Deadline;

// How often it is looked whether a request was aborted, which wakes nobody here, or whether threads
// sleep.
constexpr auto kLookEvery = std::chrono::milliseconds(1);

// So often in a row stop() is found asleep before it counts as waiting for a request that it does
// not abort: its wait until a deadline that has passed is a short sleep, too.
constexpr int kLooks = 200;

constexpr int kLongMs = 60'000;

// What the handlers of a pool do and note. The mutex is for calls of one thread only: "submit" and
// "stop" never touch it, so it orders nothing there.
class Work {
 public:
  enum class How { kSilent, kNoted, kMeet, kUntilReleased, kUntilAborted };

  proxy::WorkerPool::Handler make() {
    const int number = handlers_++;
    return [this, number](gfcontext_t& request) { answer(number, request); };
  }

  // The calling thread is the one that submits requests.
  void begin(How how, std::size_t wanted) {
    std::lock_guard lock(mutex_);
    how_ = how;
    wanted_ = wanted;
    submitter_ = ::gettid();
  }

  bool wait_for_begun(std::size_t count) {
    return wait([&] { return begun_.size() >= count; });
  }
  bool wait_for_answered(int count) {
    return wait([&] { return answered_ >= count; });
  }

  void release() {
    std::lock_guard lock(mutex_);
    is_released_ = true;
    changed_.notify_all();
  }

  std::string begun() const {
    std::string out;
    for (const std::string& path : begun_) out += (out.empty() ? "" : " ") + path.substr(1);
    return out.empty() ? "nothing" : out;
  }
  std::string counts() {
    std::lock_guard lock(mutex_);
    return "answered " + std::to_string(answered_) + ", aborted " + std::to_string(aborted_);
  }
  int answered() const { return answered_; }
  int aborted() {
    std::lock_guard lock(mutex_);
    return aborted_;
  }
  std::size_t most_at_once() const { return most_at_once_; }

  // The others need not be waited for: they do not come.
  void give_up() {
    std::lock_guard lock(mutex_);
    have_given_up_ = true;
    changed_.notify_all();
  }

  // For kUntilAborted. The calling thread is the one that calls stop() ...
  void expect_stop() { stopper_ = ::gettid(); }
  // ... and stop() has returned.
  void note_stopped() { stopper_ = kNobody; }

  std::string handlers() {
    std::lock_guard lock(mutex_);
    for (const auto& [number, threads] : threads_of_) {
      if (threads.size() > 1)
        return std::to_string(threads.size()) + " threads use the same handler";
    }
    return std::to_string(handlers_) + ", one thread each";
  }

 private:
  void answer(int handler, gfcontext_t& request) {
    if (how_ == How::kSilent) return;
    std::unique_lock lock(mutex_);
    begun_.push_back(request.path());
    threads_of_[handler].insert(std::this_thread::get_id());
    most_at_once_ = std::max(most_at_once_, ++at_once_);
    changed_.notify_all();
    if (::gettid() == submitter_) {
      have_given_up_ = true;  // nothing comes while this thread waits
    } else if (how_ == How::kMeet) {
      changed_.wait(lock, [&] { return most_at_once_ >= wanted_ || have_given_up_; });
    } else if (how_ == How::kUntilReleased) {
      while (!is_released_ && !request.is_aborted()) changed_.wait_for(lock, kLookEvery);
    } else if (how_ == How::kUntilAborted && begun_.size() == 1) {
      wait_until_aborted(lock, request);
    }
    --at_once_;
    ++answered_;
    aborted_ += request.is_aborted();
    changed_.notify_all();
  }

  // Nothing wakes it: abort() is for what waits at the request's connection, which there is none
  // of. It goes on until stop() waits for it, after or without an abort(), or has returned.
  void wait_until_aborted(std::unique_lock<std::mutex>& lock, gfcontext_t& request) const {
    lock.unlock();
    int looks = 0;
    while (stopper_ != kNobody && looks < (request.is_aborted() ? 1 : kLooks)) {
      std::this_thread::sleep_for(kLookEvery);
      looks = kit::is_asleep(stopper_) ? looks + 1 : 0;
    }
    lock.lock();
  }

  // False when it does not come true any more: all the pool's threads sleep. They may be looked at
  // only while this one has no lock that they could sleep for.
  template <typename Condition>
  bool wait(Condition condition) {
    for (bool is_over = false;; is_over = kit::are_asleep(::getpid(), ::gettid())) {
      std::unique_lock lock(mutex_);
      if (is_over) return condition();
      if (changed_.wait_for(lock, kLookEvery, condition)) return true;
    }
  }

  static constexpr pid_t kNobody = 0;

  How how_ = How::kSilent;
  std::size_t wanted_ = 0;
  pid_t submitter_ = kNobody;
  int handlers_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> begun_;
  std::map<int, std::set<std::thread::id>> threads_of_;
  std::size_t at_once_ = 0;
  std::size_t most_at_once_ = 0;
  std::atomic<int> answered_{0};
  int aborted_ = 0;
  bool is_released_ = false;
  bool have_given_up_ = false;
  std::atomic<pid_t> stopper_{kNobody};
};

class PoolAdapter : public kit::Adapter {
 public:
  explicit PoolAdapter(const kit::Words& setup)
      : parts_(std::make_unique<Parts>(std::stoull(setup.at(0)), std::stoull(setup.at(1)))) {
    if (setup.size() < 4) return;
    stopper_ = std::thread([this, us = std::stoul(setup[3])] {
      if (us > 0) static_cast<void>(::usleep(us));
      pool_.stop(Deadline::after_ms(0));
    });
  }

  ~PoolAdapter() override {
    if (parts_) work_.release();
    if (stopper_.joinable()) stopper_.join();
  }

  std::string call(const std::string& name, const kit::Words& args) override {
    if (name == "submit") return submit(args.at(0));
    if (name == "flow") return flow(std::stoi(args.at(0)));
    if (name == "together") return together(std::stoi(args.at(0)));
    if (name == "stop_busy") return stop_busy();
    if (name == "stop_late") return stop_late();
    if (name == "handlers") return work_.handlers();
    if (name == "stop") {
      pool_.stop(Deadline::after_ms(kLongMs));
      return "stopped";
    }
    if (name == "construct") {
      Work work;
      proxy::WorkerPool other(std::stoull(args.at(0)), std::stoull(args.at(1)),
                              [&] { return work.make(); });
      return "made";
    }
    throw kit::UnknownCall{name};
  }

 private:
  std::string submit(const std::string& name) {
    pool_.submit(
        std::make_unique<gfcontext_t>(support::UniqueFd(), gfs::Wire::kDocumented, "/" + name));
    return "submitted";
  }

  std::string flow(int count) {
    work_.begin(Work::How::kNoted, 0);
    for (int i = 1; i <= count; ++i) submit(std::to_string(i));
    const bool all = work_.wait_for_answered(count);
    pool_.stop(Deadline::after_ms(kLongMs));
    return work_.begun() + (all ? "" : ", and then no more");
  }

  std::string together(int count) {
    work_.begin(Work::How::kMeet, static_cast<std::size_t>(count));
    for (int i = 1; i <= count; ++i) submit(std::to_string(i));
    if (!work_.wait_for_answered(count)) work_.give_up();
    pool_.stop(Deadline::after_ms(kLongMs));
    const std::size_t most = work_.most_at_once();
    return (most < static_cast<std::size_t>(count) ? "only " : "") + std::to_string(most) +
           " at once";
  }

  std::string stop_busy() {
    if (std::string wrong = keep_busy(Work::How::kUntilReleased); !wrong.empty()) return wrong;
    std::atomic<int> answered_by_then{-1};
    std::atomic<pid_t> stopper{0};
    std::thread stopping([&] {
      stopper = ::gettid();
      pool_.stop(Deadline::after_ms(kLongMs));
      answered_by_then = work_.answered();
    });
    // Until stop() waits, for the request to end or after it has aborted it; or does not wait.
    while (answered_by_then < 0 && (stopper == 0 || !kit::is_asleep(stopper))) {
      std::this_thread::sleep_for(kLookEvery);
    }
    work_.release();
    stopping.join();
    if (answered_by_then < 1) return "stop() returned while a request was being answered";
    return work_.aborted() == 0 ? "stop() waited for it" : "stop() aborted it, and there was time";
  }

  std::string stop_late() {
    work_.expect_stop();
    if (std::string wrong = keep_busy(Work::How::kUntilAborted); !wrong.empty()) return wrong;
    pool_.stop(Deadline::after_ms(0));
    std::string counts = work_.counts();
    // Threads that were not joined still use it: then it is there until the process ends.
    if (work_.answered() == 0) static_cast<void>(parts_.release());
    work_.note_stopped();
    return counts;
  }

  // One worker, busy, and two more requests in the queue.
  std::string keep_busy(Work::How how) {
    work_.begin(how, 0);
    submit("1");
    if (!work_.wait_for_begun(1)) return "no worker takes the request";
    submit("2");
    submit("3");
    return "";
  }

  struct Parts {
    Parts(std::size_t threads, std::size_t capacity)
        : pool(threads, capacity, [this] { return work.make(); }) {}

    Work work;
    proxy::WorkerPool pool;
  };

  std::unique_ptr<Parts> parts_;
  Work& work_ = parts_->work;
  proxy::WorkerPool& pool_ = parts_->pool;
  std::thread stopper_;
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words& setup) {
  return std::make_unique<PoolAdapter>(setup);
}
