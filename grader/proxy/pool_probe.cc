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
//   each" stop              "stopped";  construct THREADS CAPACITY: "made", or what the constructor
//   threw
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "grader/harness/probe.h"
#include "worker_pool.h"

namespace {

using support::Deadline;

// How long a handler waits for what should come; a pool of one thread must not hang in it.
constexpr auto kPatience = std::chrono::seconds(3);
constexpr int kAbortMs = 2000;

constexpr auto kLong = std::chrono::seconds(60);
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

  void begin(How how, std::size_t wanted) {
    std::lock_guard lock(mutex_);
    how_ = how;
    wanted_ = wanted;
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
  std::string counts() const {
    return "answered " + std::to_string(answered_) + ", aborted " + std::to_string(aborted_);
  }
  int answered() {
    std::lock_guard lock(mutex_);
    return answered_;
  }
  int aborted() {
    std::lock_guard lock(mutex_);
    return aborted_;
  }
  std::size_t most_at_once() const { return most_at_once_; }

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
    if (how_ == How::kMeet) {
      const auto is_over = [&] { return most_at_once_ >= wanted_ || have_given_up_; };
      have_given_up_ = !changed_.wait_for(lock, kPatience, is_over) || have_given_up_;
    } else if (how_ == How::kUntilReleased) {
      changed_.wait_for(lock, kPatience, [&] { return is_released_ || request.is_aborted(); });
    } else if (how_ == How::kUntilAborted && begun_.size() == 1) {
      wait_until_aborted(lock, request);
    }
    --at_once_;
    ++answered_;
    aborted_ += request.is_aborted();
    changed_.notify_all();
  }

  // Nothing wakes it: abort() is for what waits at the request's connection, which there is none
  // of.
  static void wait_until_aborted(std::unique_lock<std::mutex>& lock, gfcontext_t& request) {
    lock.unlock();
    for (int i = 0; i < kAbortMs && !request.is_aborted(); ++i) static_cast<void>(::usleep(1000));
    lock.lock();
  }

  template <typename Condition>
  bool wait(Condition condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kLong, condition);
  }

  How how_ = How::kSilent;
  std::size_t wanted_ = 0;
  int handlers_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> begun_;
  std::map<int, std::set<std::thread::id>> threads_of_;
  std::size_t at_once_ = 0;
  std::size_t most_at_once_ = 0;
  int answered_ = 0;
  int aborted_ = 0;
  bool is_released_ = false;
  bool have_given_up_ = false;  // the others need not wait as long
};

class PoolAdapter : public kit::Adapter {
 public:
  explicit PoolAdapter(const kit::Words& setup)
      : pool_(std::stoull(setup.at(0)), std::stoull(setup.at(1)), [this] { return work_.make(); }) {
    if (setup.size() < 4) return;
    stopper_ = std::thread([this, us = std::stoul(setup[3])] {
      if (us > 0) static_cast<void>(::usleep(us));
      pool_.stop(Deadline::after_ms(0));
    });
  }

  ~PoolAdapter() override {
    work_.release();
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
    work_.wait_for_answered(count);
    pool_.stop(Deadline::after_ms(kLongMs));
    const std::size_t most = work_.most_at_once();
    return (most < static_cast<std::size_t>(count) ? "only " : "") + std::to_string(most) +
           " at once";
  }

  std::string stop_busy() {
    if (std::string wrong = keep_busy(Work::How::kUntilReleased); !wrong.empty()) return wrong;
    int answered_by_then = -1;
    std::thread stopping([&] {
      pool_.stop(Deadline::after_ms(kLongMs));
      answered_by_then = work_.answered();
    });
    // So that stop() has begun; when it has not, it finds less to do.
    static_cast<void>(::usleep(20'000));
    work_.release();
    stopping.join();
    if (answered_by_then < 1) return "stop() returned while a request was being answered";
    return work_.aborted() == 0 ? "stop() waited for it" : "stop() aborted it, and there was time";
  }

  std::string stop_late() {
    if (std::string wrong = keep_busy(Work::How::kUntilAborted); !wrong.empty()) return wrong;
    pool_.stop(Deadline::after_ms(0));
    return work_.counts();
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

  Work work_;
  proxy::WorkerPool pool_;
  std::thread stopper_;
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words& setup) {
  return std::make_unique<PoolAdapter>(setup);
}
