// Calls on a BoundedQueue of texts. Setup: the capacity, and then maybe
//
//   close US        one more thread, which closes it, US microseconds after the beginning (0: at
//   once) feed N COUNT    N more threads, which push COUNT items each, "0.1" ...; when all of them
//   have been
//                   taken out, the queue is closed
//
// With either of them every call returns in the end, whatever other calls there are.
//
//   push ITEM       "in", or "closed"
//   pop             the item, or "end"
//   close           "done"
//   construct N     "made", or what the constructor threw
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "bounded_queue.h"
#include "grader/harness/probe.h"

namespace {

using Queue = proxy::BoundedQueue<std::string>;

class QueueAdapter : public kit::Adapter {
 public:
  explicit QueueAdapter(const kit::Words& setup) : queue_(std::stoull(setup.at(0))) {
    if (setup.size() < 2) return;
    if (setup[1] == "close") {
      helpers_.emplace_back([this, us = std::stoul(setup.at(2))] { close_after(us); });
    } else if (setup[1] == "feed") {
      feed(std::stoi(setup.at(2)), std::stoi(setup.at(3)));
    } else {
      throw kit::UnknownCall{setup[1]};
    }
  }

  // All calls have returned. Who still waits to push is let go.
  ~QueueAdapter() override {
    if (helpers_.empty()) return;
    {
      std::lock_guard lock(mutex_);
      left_ = 0;
    }
    all_taken_.notify_all();
    queue_.close();
    for (std::thread& helper : helpers_) helper.join();
  }

  std::string call(const std::string& name, const kit::Words& args) override {
    if (name == "push") return queue_.push(args.at(0)) ? "in" : "closed";
    if (name == "pop") return pop();
    if (name == "close") {
      queue_.close();
      return "done";
    }
    if (name == "construct") {
      Queue other(std::stoull(args.at(0)));
      return "made";
    }
    throw kit::UnknownCall{name};
  }

 private:
  std::string pop() {
    std::optional<std::string> item = queue_.pop();
    if (!item) return "end";
    if (is_fed_) note_taken();
    return *item;
  }

  void close_after(unsigned long us) {
    if (us > 0) static_cast<void>(::usleep(us));
    queue_.close();
  }

  void feed(int threads, int count) {
    is_fed_ = true;
    left_ = threads * count;
    for (int i = 0; i < threads; ++i) {
      helpers_.emplace_back([this, i, count] {
        for (int item = 1; item <= count; ++item) {
          static_cast<void>(queue_.push(std::to_string(i) + "." + std::to_string(item)));
        }
      });
    }
    helpers_.emplace_back([this] {
      {
        std::unique_lock lock(mutex_);
        all_taken_.wait(lock, [this] { return left_ <= 0; });
      }
      queue_.close();
    });
  }

  void note_taken() {
    std::lock_guard lock(mutex_);
    if (--left_ <= 0) all_taken_.notify_all();
  }

  Queue queue_;
  bool is_fed_ = false;
  std::mutex mutex_;
  std::condition_variable all_taken_;
  int left_ = 0;  // guarded by mutex_: items that nobody has taken out yet
  std::vector<std::thread> helpers_;
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words& setup) {
  return std::make_unique<QueueAdapter>(setup);
}
