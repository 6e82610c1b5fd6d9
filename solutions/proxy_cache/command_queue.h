// CommandQueue: what the proxy wants of the cache, message by message.
//
// A POSIX message queue keeps messages apart and in order, and belongs to no process: it stays when
// both have ended, until it is unlinked. Without privileges it may hold ten messages
// (/proc/sys/fs/mqueue/msg_max). That is enough: who finds it full waits, and is still in order.
//
// A message is a Command: a few numbers of fixed size, and behind them the bytes of the key. It has
// the key's length, without a NUL at its end, so a key may have up to kMaxKeyBytes bytes. The limit
// is ours: the kernel counts the largest possible messages of all queues of a user against
// RLIMIT_MSGQUEUE (800 KiB), and with 8 KiB per message ten queues would be too many already.
//
// Ownership: owns its descriptor. One that was created also owns the name, and unlinks it.
// Thread-safety: send() by any number of threads, which are served in order of arrival; receive()
// by one thread.
// Errors: std::system_error of the call that failed. create(): EEXIST when there is a queue of this
// name; EMFILE or ENOSPC when there are too many. open(): ENOENT.
// Source: mq_overview(7), mq_open(3), mq_send(3), mq_receive(3).
#ifndef PROXY_CACHE_COMMAND_QUEUE_H_
#define PROXY_CACHE_COMMAND_QUEUE_H_

#include <mqueue.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "fair_turn.h"
#include "peer.h"

namespace proxy_cache {

struct Command {
  enum class Kind : std::uint32_t {
    kGet = 1,  // write the content of `key` into the segment (shm_channel.h)
    kPut,      // the content of `key` comes through the segment: keep it, if you like (step 6)
  };

  Kind kind = Kind::kGet;
  std::uint32_t epoch = 0;    // which cache is meant (board.h): no other may touch the segment
  std::uint32_t segment = 0;  // the number of a segment that is ours until we say so
  std::string key;

  bool operator==(const Command&) const = default;
};

class CommandQueue {
 public:
  static constexpr std::size_t kMaxMessages = 10;
  static constexpr std::size_t kMaxKeyBytes = 2032;

  static CommandQueue create(const std::string& name);
  static CommandQueue open(const std::string& name);

  CommandQueue(const CommandQueue&) = delete;
  CommandQueue& operator=(const CommandQueue&) = delete;
  ~CommandQueue();

  // Adds a command; waits while the queue is full. False when `cache` has died: the command has not
  // been sent. std::invalid_argument for a key that is too long.
  bool send(const Command& command, const Peer& cache);

  // Takes the oldest command, if there is one; it does not wait: poll(2) for fd() does. What is no
  // command (too short, or of no known kind) is thrown away.
  std::optional<Command> receive();

  // On Linux a queue's descriptor can be polled: readable when there is a message in it.
  int fd() const { return queue_; }

 private:
  CommandQueue(std::string name, mqd_t queue, bool is_owner)
      : name_(std::move(name)), queue_(queue), is_owner_(is_owner) {}

  //~ begin step 2: What else it has, or does.
  bool wait_for_room(const Peer& cache) const;

  // Only one thread at a time waits for room, the others for their turn. The kernel would let any
  // of them in.
  FairTurn turn_;
  //~ end

  const std::string name_;
  const mqd_t queue_;
  const bool is_owner_;
};

}  // namespace proxy_cache

#endif  // PROXY_CACHE_COMMAND_QUEUE_H_
