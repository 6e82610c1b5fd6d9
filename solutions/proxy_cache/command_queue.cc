#include "command_queue.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <stdexcept>

#include "labs/support/deadline.h"
#include "labs/support/error.h"

namespace proxy_cache {

//~ begin step 2: What a message looks like, and functions of your own.
namespace {

// A message: this, and behind it the key. Both processes run on this machine, so numbers are as the
// machine has them.
struct Fixed {
  Command::Kind kind;
  std::uint32_t epoch;
  std::uint32_t segment;
};

constexpr std::size_t kMaxMessageBytes = sizeof(Fixed) + CommandQueue::kMaxKeyBytes;

std::string to_message(const Command& command) {
  Fixed fixed{command.kind, command.epoch, command.segment};
  std::string message(sizeof fixed, '\0');
  std::memcpy(message.data(), &fixed, sizeof fixed);
  return message + command.key;
}

std::optional<Command> to_command(const char* message, std::size_t bytes) {
  Fixed fixed;
  if (bytes < sizeof fixed) return std::nullopt;
  std::memcpy(&fixed, message, sizeof fixed);
  if (fixed.kind != Command::Kind::kGet && fixed.kind != Command::Kind::kPut) return std::nullopt;
  std::string key(message + sizeof fixed, bytes - sizeof fixed);
  return Command{fixed.kind, fixed.epoch, fixed.segment, std::move(key)};
}

}  // namespace
//~ end

CommandQueue CommandQueue::create(const std::string& name) {
  //~ begin step 2: mq_open(3) with the limits that it is to have. Nobody is to wait in mq_send() or
  //~   mq_receive() itself: O_NONBLOCK.
  //~| throw std::logic_error("not implemented yet (step 2): create " + name);
  mq_attr limits{};
  limits.mq_maxmsg = kMaxMessages;
  limits.mq_msgsize = kMaxMessageBytes;
  mqd_t queue = ::mq_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK | O_CLOEXEC,
                          S_IRUSR | S_IWUSR, &limits);
  if (queue < 0) support::throw_errno("mq_open " + name);
  return CommandQueue(name, queue, /*is_owner=*/true);
  //~ end
}

CommandQueue CommandQueue::open(const std::string& name) {
  //~ begin step 2: The same for a queue that is there.
  //~| throw std::logic_error("not implemented yet (step 2): open " + name);
  mqd_t queue = ::mq_open(name.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (queue < 0) support::throw_errno("mq_open " + name);
  return CommandQueue(name, queue, /*is_owner=*/false);
  //~ end
}

CommandQueue::~CommandQueue() {
  //~ begin step 2: Close it, and unlink it if it is ours.
  if (is_owner_) static_cast<void>(::mq_unlink(name_.c_str()));
  static_cast<void>(::mq_close(queue_));
  //~ end
}

bool CommandQueue::send(const Command& command, const Peer& cache) {
  //~ begin step 2: mq_send(3). When the queue is full, wait until it is not, and now and then look
  //~   whether the other side is still there. Who came first is to be sent first.
  //~| (void)command;
  //~| (void)cache;
  //~| return false;
  if (command.key.size() > kMaxKeyBytes) throw std::invalid_argument("a key that is too long");
  std::string message = to_message(command);
  std::lock_guard turn(turn_);
  while (::mq_send(queue_, message.data(), message.size(), 0) < 0) {
    if (errno == EAGAIN) {
      if (!wait_for_room(cache)) return false;
    } else if (errno != EINTR) {
      support::throw_errno("mq_send");
    }
  }
  return true;
  //~ end
}

std::optional<Command> CommandQueue::receive() {
  //~ begin step 2: mq_receive(3), with room for the largest message there can be.
  //~| return std::nullopt;
  std::array<char, kMaxMessageBytes> message;
  for (;;) {
    ssize_t bytes = ::mq_receive(queue_, message.data(), message.size(), nullptr);
    if (bytes < 0 && errno == EAGAIN) return std::nullopt;
    if (bytes < 0 && errno != EINTR) support::throw_errno("mq_receive");
    if (bytes < 0) continue;
    std::optional<Command> command = to_command(message.data(), static_cast<std::size_t>(bytes));
    if (command) return command;
  }
  //~ end
}

//~ begin step 2: Functions of your own can stand here.
// False when the cache has died: there will be no room.
bool CommandQueue::wait_for_room(const Peer& cache) const {
  do {
    if (!cache.is_alive()) return false;
  } while (!support::wait_for(queue_, POLLOUT, support::Deadline::after_ms(Peer::kLookMs)));
  return true;
}
//~ end

}  // namespace proxy_cache
