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
  // TODO(step 6): What is under way, and who waits for it.
};

template <typename Result>
std::shared_ptr<const Result> SingleFlight<Result>::run(const std::string& key, const Work& work) {
  // TODO(step 6): Who is the first for this key works; the others wait for what comes of it. Think
  // of work that throws.
  (void)key;
  return work();
}

template <typename Result>
std::size_t SingleFlight<Result>::waiting_count() const {
  // TODO(step 6): See above.
  return 0;
}

// TODO(step 6): The parts of it.
}  // namespace proxy_cache

#endif  // PROXY_CACHE_SINGLE_FLIGHT_H_
