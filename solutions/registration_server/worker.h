// Worker: a thread for one client, and all that the client costs: its comm channel and its seat.
//
// The thread waits on the client's comm channel and answers one request after the other. It ends
// when the client unregisters, has died, or the server ends. Then it clears up by itself: it takes
// the client out of the registry, removes the channel, and frees the seat, in this order, so that
// who gets the seat finds room in the registry, and so that a server that is killed in the middle
// leaves no channel that is not written down. After UNREGISTER all of this is done before the
// client gets its `ok`.
//
// When the server ends, the client stays in the registry, for the last summary.
//
// Ownership: owns the channel and the thread; shares the Member; borrows the rest.
// Thread-safety: end() may be called from any thread. The destructor waits for the thread.
// Errors: the constructor throws what CommServer throws, or std::system_error when there is no
// thread to be had.
#ifndef REGISTRATION_WORKER_H_
#define REGISTRATION_WORKER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "comm_server.h"
#include "connect_server.h"
#include "log.h"
#include "registry.h"
#include "service.h"

namespace registration {

class Worker {
 public:
  // What the workers of a server have in common.
  struct Common {
    Registry& registry;
    ConnectServer& connect;
    Log& log;
  };
  enum class Why : std::uint8_t { kNotYet, kUnregistered, kDied, kServerEnds };

  // on_end is called by the thread as the last thing it does.
  Worker(Common common, std::shared_ptr<Member> member, std::uint32_t seat,
         const std::string& channel_name, std::function<void()> on_end);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  // Makes the thread end, if it does not already.
  void end(Why why) noexcept;

  // Whether it was made to end, or will, since the client has unregistered.
  bool is_ending() const { return why_.load() != Why::kNotYet; }

  // Whether the thread has done its last request; then join() does not wait for long.
  bool has_ended() const { return has_ended_.load(std::memory_order_acquire); }

  std::uint32_t seat() const { return seat_; }

 private:
  // The parts of the thread's work.
  void run();
  void answer(const Request& request, wire::CommResponse& response);
  wire::Status carry_out(const Request& request, wire::CommResponse& response);
  wire::Status unregister(wire::CommResponse& response);
  void clear_up();
  void remove_channel();
  void log_request(const Request& request);
  void log_response(const Request& request, wire::Status status);

  Common common_;
  Service service_;
  const std::shared_ptr<Member> member_;
  const std::uint32_t seat_;
  const std::string channel_name_;
  const std::string who_;  // as it stands in each line of the log
  const std::function<void()> on_end_;
  CommServer channel_;
  std::atomic<Why> why_{Why::kNotYet};
  bool is_removed_ = false;  // the channel; the thread's own
  std::atomic<bool> has_ended_{false};
  std::thread thread_;  // the last member: it uses all the others
};

}  // namespace registration

#endif  // REGISTRATION_WORKER_H_
