// SingleFlight: when many want the same thing at the same time, one gets it for all of them.
//
//     SingleFlight<Download> flights;
//     std::shared_ptr<const Download> result = flights.run(path, [&] { return download(url); });
//
// The first who comes for a key does the work. Those who come for the same key while it does wait,
// and share its result. Who comes afterwards begins anew.
//
// Ownership: the result belongs to all who got it. Thread-safety: run() by any number of threads.
// Errors: when the work throws, that passes on to the one who did it, and the others get null.
#ifndef PROXY_CACHE_SINGLE_FLIGHT_H_
#define PROXY_CACHE_SINGLE_FLIGHT_H_

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace proxy_cache {

template <typename Result>
class SingleFlight {
 public:
  using Work = std::function<std::shared_ptr<const Result>()>;

  SingleFlight() = default;
  SingleFlight(const SingleFlight&) = delete;
  SingleFlight& operator=(const SingleFlight&) = delete;

  std::shared_ptr<const Result> run(const std::string& key, const Work& work);

  // How many wait for somebody else's work.
  std::size_t waiting_count() const;

 private:
  //~ begin step 6: What is under way, and who waits for it.
  struct Flight {
    bool has_landed = false;
    std::shared_ptr<const Result> result;
  };

  std::shared_ptr<const Result> wait_for(std::unique_lock<std::mutex>& lock,
                                         std::shared_ptr<Flight> flight);
  void land(const std::string& key, Flight& flight, std::shared_ptr<const Result> result);

  mutable std::mutex mutex_;
  std::condition_variable landed_;
  std::map<std::string, std::shared_ptr<Flight>> flights_;  // guarded by mutex_, as is the next
  std::size_t waiting_ = 0;
  //~ end
};

template <typename Result>
std::shared_ptr<const Result> SingleFlight<Result>::run(const std::string& key, const Work& work) {
  //~ begin step 6: Who is the first for this key works; the others wait for what comes of it. Think
  //~   of work that throws.
  //~| (void)key;
  //~| return work();
  std::shared_ptr<Flight> flight;
  {
    std::unique_lock lock(mutex_);
    std::shared_ptr<Flight>& place = flights_[key];
    if (place) return wait_for(lock, place);
    flight = place = std::make_shared<Flight>();
  }
  std::shared_ptr<const Result> result;
  try {
    result = work();
  } catch (...) {
    land(key, *flight, nullptr);
    throw;
  }
  land(key, *flight, result);
  return result;
  //~ end
}

template <typename Result>
std::size_t SingleFlight<Result>::waiting_count() const {
  //~ begin step 6: See above.
  //~| return 0;
  std::lock_guard lock(mutex_);
  return waiting_;
  //~ end
}

//~ begin step 6: The parts of it.
// The flight is taken by value: when it has landed, the map lets go of it.
template <typename Result>
std::shared_ptr<const Result> SingleFlight<Result>::wait_for(std::unique_lock<std::mutex>& lock,
                                                             std::shared_ptr<Flight> flight) {
  ++waiting_;
  landed_.wait(lock, [&] { return flight->has_landed; });
  --waiting_;
  return flight->result;
}

template <typename Result>
void SingleFlight<Result>::land(const std::string& key, Flight& flight,
                                std::shared_ptr<const Result> result) {
  {
    std::lock_guard lock(mutex_);
    flight.has_landed = true;
    flight.result = std::move(result);
    flights_.erase(key);
  }
  landed_.notify_all();
}
//~ end
}  // namespace proxy_cache

#endif  // PROXY_CACHE_SINGLE_FLIGHT_H_
