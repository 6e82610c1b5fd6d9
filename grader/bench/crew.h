// Crew: client processes that do the same exchange again and again, when they are told to.
//
//     crew of n processes:  set up once | wait for a round | exchange, exchange, ... | wait | ...
//
// What they count lies in memory that they share with this process; nothing is sent around while
// they work. The clients share the machine's processors with what they measure.
//
// Ownership: owns the processes. The destructor lets them end, and kills those that do not.
// Thread-safety: none; make it while this process has one thread.
// Errors: std::system_error; std::runtime_error when a client ended; Interrupted when `stop_fd` is
// readable.
#ifndef GRADER_BENCH_CREW_H_
#define GRADER_BENCH_CREW_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "grader/bench/load.h"

namespace kit::bench {

// One exchange with the other side; false when that is gone.
using Exchange = std::function<bool()>;

class Crew {
 public:
  // `set_up` is called in each client's process, with its number, and gives what it then does.
  // What the exchange holds goes away before the process ends.
  Crew(int clients, const std::function<Exchange(int client)>& set_up, int stop_fd);
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew();

  // All clients at once, for about so long.
  Figures run(std::int64_t duration_ms);

 private:
  struct Shared;
  struct Member;

  [[noreturn]] void be_client(int client, const std::function<Exchange(int client)>& set_up);
  void wait_for_all();

  const int stop_fd_;
  Shared* shared_;
  std::vector<pid_t> processes_;
};

}  // namespace kit::bench

#endif  // GRADER_BENCH_CREW_H_
