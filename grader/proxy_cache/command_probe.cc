// Calls on a CommandQueue, which the probe creates, and opens a second time. A call that begins
// with a letter and a dot is made by the one of that name, A to F: each thread of a scenario uses
// one.
//
//   A.send KIND EPOCH SEGMENT KEY   KIND is get or put: "sent"; "dead"
//   A.after B N         until B is known to wait in its Nth send: "B waits"; or "not known"
//   A.drain N           receives until N commands have come: "get 1 2 /a | get 1 2 /b"
//   receive             "get EPOCH SEGMENT KEY", or "nothing"
//   garbage BYTES       puts a message of so many bytes into the queue that is no command: "put in"
//   patience N          from now on the cache is dead after N more looks at it: "done"
//   poll MS             "readable", or "quiet"
//   owner               "made: there, opened and let go: there, let go: gone"
//   twice, missing      what create() and open() throw: "EEXIST, and the first one is there", and
//                       "ENOENT"
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "command_queue.h"
#include "grader/harness/asleep.h"
#include "grader/harness/deadline.h"
#include "grader/harness/probe.h"

namespace {

using proxy_cache::Command;
using proxy_cache::CommandQueue;

constexpr int kUsers = 6;

std::string name_of(const char* what) {
  return "/kit_queue." + std::to_string(::getpid()) + "." + what;
}

std::string there(const std::string& name) {
  const mqd_t queue = ::mq_open(name.c_str(), O_RDONLY);
  if (queue < 0) return "gone";
  ::mq_close(queue);
  return "there";
}

std::string outcome_of(const std::function<void()>& call) {
  try {
    call();
    return "done";
  } catch (const std::system_error& error) {
    if (error.code().value() == EEXIST) return "EEXIST";
    if (error.code().value() == ENOENT) return "ENOENT";
    return error.what();
  }
}

// A cache that is alive until it has been looked at so often.
class ProbeCache : public proxy_cache::Peer {
 public:
  bool is_alive() const override { return patience_ < 0 || looks_.fetch_add(1) < patience_; }

  void set_patience(long looks) {
    looks_ = 0;
    patience_ = looks;
  }

 private:
  mutable std::atomic<long> looks_{0};
  std::atomic<long> patience_{-1};
};

std::string text_of(const std::optional<Command>& command) {
  if (!command) return "nothing";
  const char* kind = command->kind == Command::Kind::kGet   ? "get"
                     : command->kind == Command::Kind::kPut ? "put"
                                                            : "of no kind";
  return std::string(kind) + " " + std::to_string(command->epoch) + " " +
         std::to_string(command->segment) + " " + command->key;
}

class CommandAdapter : public kit::Adapter {
 public:
  CommandAdapter() {
    try {
      made_.emplace(name_of("queue"));
    } catch (...) {
      not_made_ = std::current_exception();  // what each call says
    }
  }

  std::string call(const std::string& name, const kit::Words& args) override {
    if (not_made_) std::rethrow_exception(not_made_);
    if (name.size() > 2 && name[1] == '.') return user_call(name[0] - 'A', name.substr(2), args);
    if (name == "receive") return text_of(made_->theirs.receive());
    if (name == "garbage") return garbage(args.at(0));
    if (name == "patience") {
      cache_.set_patience(std::stol(args.at(0)));
      return "done";
    }
    if (name == "poll") return is_readable(std::stoi(args.at(0))) ? "readable" : "quiet";
    if (name == "owner") return owner();
    if (name == "twice") {
      const std::string said = outcome_of([] { CommandQueue::create(name_of("queue")); });
      return said + ", and the first one is " + there(name_of("queue"));
    }
    if (name == "missing") return outcome_of([] { CommandQueue::open(name_of("missing")); });
    throw kit::UnknownCall{name};
  }

 private:
  struct User {
    std::atomic<pid_t> tid{0};
    std::atomic<int> begun{0};
    std::atomic<int> ended{0};
  };

  std::string user_call(int number, const std::string& name, const kit::Words& args) {
    if (number < 0 || number >= kUsers) throw kit::UnknownCall{name};
    if (name == "send") return send(users_[number], args);
    if (name == "after") return after(args.at(0), std::stoi(args.at(1)));
    if (name == "drain") return drain(std::stoul(args.at(0)));
    throw kit::UnknownCall{name};
  }

  std::string send(User& self, const kit::Words& args) {
    Command command;
    command.kind = args.at(0) == "put" ? Command::Kind::kPut : Command::Kind::kGet;
    command.epoch = static_cast<std::uint32_t>(std::stoul(args.at(1)));
    command.segment = static_cast<std::uint32_t>(std::stoul(args.at(2)));
    command.key = args.at(3);
    self.tid = static_cast<pid_t>(::syscall(SYS_gettid));
    ++self.begun;
    const bool is_sent = made_->ours.send(command, cache_);
    ++self.ended;
    return is_sent ? "sent" : "dead";
  }

  std::string after(const std::string& who, int number) {
    User& other = users_.at(static_cast<std::size_t>(who.at(0) - 'A'));
    const auto waits = [&] { return other.begun == number && other.ended < number; };
    const kit::Deadline end = kit::Deadline::after_ms(kit::patience_ms());
    while (!(waits() && kit::is_asleep(other.tid) && waits())) {
      if (end.expired() || other.ended >= number) return "not known";
      const timespec pause = {0, 300'000};
      static_cast<void>(::nanosleep(&pause, nullptr));
    }
    return who + " waits";
  }

  std::string drain(std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count;) {
      if (!is_readable(kit::patience_ms())) return out + " | nothing more";
      const std::optional<Command> command = made_->theirs.receive();
      if (!command) continue;
      out += (i++ == 0 ? "" : " | ") + text_of(command);
    }
    return out;
  }

  bool is_readable(int ms) const {
    pollfd entry = {made_->theirs.fd(), POLLIN, 0};
    return ::poll(&entry, 1, ms) > 0;
  }

  static std::string garbage(const std::string& bytes) {
    const mqd_t queue = ::mq_open(name_of("queue").c_str(), O_WRONLY | O_NONBLOCK);
    mq_attr limits;
    if (queue < 0 || ::mq_getattr(queue, &limits) != 0) return "no queue of this name";
    const std::size_t most = static_cast<std::size_t>(limits.mq_msgsize);
    const std::string message(bytes == "most" ? most : std::min(most, std::stoul(bytes)), '\xff');
    const int result = ::mq_send(queue, message.data(), message.size(), 0);
    ::mq_close(queue);
    return result == 0 ? "put in" : "does not fit";
  }

  static std::string owner() {
    const std::string name = name_of("owner");
    std::string out;
    {
      CommandQueue made = CommandQueue::create(name);
      out = "made: " + there(name);
      { CommandQueue opened = CommandQueue::open(name); }
      out += ", opened and let go: " + there(name);
    }
    return out + ", let go: " + there(name);
  }

  ProbeCache cache_;
  std::array<User, kUsers> users_;
  // Both ends of it.
  struct Ends {
    explicit Ends(const std::string& name)
        : ours(CommandQueue::create(name)), theirs(CommandQueue::open(name)) {}
    CommandQueue ours;
    CommandQueue theirs;
  };
  std::optional<Ends> made_;
  std::exception_ptr not_made_;
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words&) {
  return std::make_unique<CommandAdapter>();
}
