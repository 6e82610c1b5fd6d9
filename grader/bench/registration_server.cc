// The registration server's figures: one exchange over a comm channel, with 64 bytes, beside the
// least that a server with a thread for each client can do.
//
// An exchange is a request and its response: in turns, a client sends itself a message of 64 bytes
// and receives it. The two others are a process whose threads give back the 64 bytes that they are
// given, over a socket pair (unix(7)), and through shared memory with two semaphores.
//
// All are measured twice: where the kernel puts them, and with all processes on one processor,
// where an exchange is two switches and nothing else.
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "client.h"
#include "grader/bench/compare.h"
#include "grader/bench/crew.h"
#include "grader/bench/options.h"
#include "grader/bench/server.h"
#include "grader/harness/fd.h"
#include "labs/support/deadline.h"

namespace kit::bench {
namespace {

constexpr char kServer[] = "solutions/registration_server/registration_server";
constexpr std::size_t kBytes = 64;
constexpr int kMaxClients = 256;
constexpr std::int64_t kPatience = 10'000;

using Message = std::array<char, kBytes>;

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// Keeps this process, and what it starts, on one processor as long as it lives.
class OneProcessor {
 public:
  explicit OneProcessor(bool is_wanted) {
    if (sched_getaffinity(0, sizeof(before_), &before_) != 0) throw_errno("sched_getaffinity");
    if (!is_wanted) return;
    cpu_set_t one;
    CPU_ZERO(&one);
    for (int i = 0; CPU_COUNT(&one) == 0; ++i) {
      if (CPU_ISSET(i, &before_)) CPU_SET(i, &one);
    }
    if (sched_setaffinity(0, sizeof(one), &one) != 0) throw_errno("sched_setaffinity");
  }
  OneProcessor(const OneProcessor&) = delete;
  OneProcessor& operator=(const OneProcessor&) = delete;
  ~OneProcessor() { static_cast<void>(sched_setaffinity(0, sizeof(before_), &before_)); }

 private:
  cpu_set_t before_;
};

// A child process that does `serve` for each client, each in a thread of its own, until it is
// killed.
class EchoServer {
 public:
  EchoServer(int clients, const std::function<void(int)>& serve) {
    std::fflush(stdout);
    process_ = fork();
    if (process_ < 0) throw_errno("fork");
    if (process_ > 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setsid();  // as the lab's server: the kernel shares out time by sessions, too (sched(7))
    for (int i = 0; i < clients; ++i) std::thread(serve, i).detach();
    for (;;) pause();
  }
  EchoServer(const EchoServer&) = delete;
  EchoServer& operator=(const EchoServer&) = delete;
  ~EchoServer() {
    kill(process_, SIGKILL);
    static_cast<void>(waitpid(process_, nullptr, 0));
  }

 private:
  pid_t process_;
};

class SocketEcho {
 public:
  SocketEcho(int clients, int stop_fd)
      : pairs_(make_pairs(clients)),
        server_(clients, [this](int i) { serve(pairs_[i].second.get()); }),
        crew_(
            clients, [this](int i) { return exchange(pairs_[i].first.get()); }, stop_fd) {}

  Run run() {
    return [this](std::int64_t duration_ms) { return crew_.run(duration_ms); };
  }

 private:
  using Pair = std::pair<UniqueFd, UniqueFd>;

  static std::vector<Pair> make_pairs(int clients) {
    std::vector<Pair> pairs;
    for (int i = 0; i < clients; ++i) {
      int fds[2];
      if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) throw_errno("socketpair");
      pairs.emplace_back(UniqueFd(fds[0]), UniqueFd(fds[1]));
    }
    return pairs;
  }

  // So few bytes are sent and received whole.
  static void serve(int fd) {
    Message message;
    while (recv(fd, message.data(), kBytes, MSG_WAITALL) == static_cast<ssize_t>(kBytes)) {
      if (send(fd, message.data(), kBytes, MSG_NOSIGNAL) < 0) return;
    }
  }
  static Exchange exchange(int fd) {
    return [fd] {
      Message message{};
      return send(fd, message.data(), kBytes, MSG_NOSIGNAL) == static_cast<ssize_t>(kBytes) &&
             recv(fd, message.data(), kBytes, MSG_WAITALL) == static_cast<ssize_t>(kBytes);
    };
  }

  std::vector<Pair> pairs_;
  EchoServer server_;
  Crew crew_;
};

class SemaphoreEcho {
 public:
  SemaphoreEcho(int clients, int stop_fd)
      : lines_(make_lines(clients)),
        server_(clients, [this](int i) { serve(lines_[i]); }),
        crew_(
            clients, [this](int i) { return exchange(lines_[i]); }, stop_fd) {}
  SemaphoreEcho(const SemaphoreEcho&) = delete;
  SemaphoreEcho& operator=(const SemaphoreEcho&) = delete;
  ~SemaphoreEcho() { munmap(lines_, kMaxClients * sizeof(Line)); }

  Run run() {
    return [this](std::int64_t duration_ms) { return crew_.run(duration_ms); };
  }

 private:
  struct alignas(64) Line {
    sem_t asked;
    sem_t answered;
    Message question;
    Message answer;
  };

  static Line* make_lines(int clients) {
    void* memory = mmap(nullptr, kMaxClients * sizeof(Line), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw_errno("mmap");
    auto* lines = static_cast<Line*>(memory);
    for (int i = 0; i < clients; ++i) {
      sem_init(&lines[i].asked, 1, 0);
      sem_init(&lines[i].answered, 1, 0);
    }
    return lines;
  }

  static void wait_for(sem_t& semaphore) {
    while (sem_wait(&semaphore) != 0 && errno == EINTR) continue;
  }
  static void serve(Line& line) {
    for (;;) {
      wait_for(line.asked);
      line.answer = line.question;
      sem_post(&line.answered);
    }
  }
  static Exchange exchange(Line& line) {
    return [&line] {
      line.question.fill('x');
      sem_post(&line.asked);
      wait_for(line.answered);
      return true;
    };
  }

  Line* lines_;
  EchoServer server_;
  Crew crew_;
};

// The lab's server, and clients that send themselves messages.
class Registered {
 public:
  Registered(int clients, int stop_fd)
      : instance_("bench" + std::to_string(getpid()) + "_" + std::to_string(++count_)),
        server_(start_lab_program("registration_server",
                                  {kServer, "--instance", instance_, "--max-clients",
                                   std::to_string(kMaxClients), "--log", "/dev/null"},
                                  "ready")),
        crew_(std::make_unique<Crew>(
            clients, [this](int i) { return exchange(i); }, stop_fd)) {}
  Registered(const Registered&) = delete;
  Registered& operator=(const Registered&) = delete;
  ~Registered() {
    crew_.reset();
    end_orderly(*server_);
  }

  Run run() {
    return [this](std::int64_t duration_ms) { return crew_->run(duration_ms); };
  }

 private:
  static support::Deadline patience() { return support::Deadline::after_ms(kPatience); }

  Exchange exchange(int i) const {
    auto client = std::make_shared<registration::Client>(instance_, patience());
    if (!client->enroll("client" + std::to_string(i), patience()).is_ok()) {
      throw std::runtime_error("cannot register");
    }
    return [client, text = std::string(kBytes, 'x'), is_sent = false]() mutable {
      is_sent = !is_sent;
      return (is_sent ? client->send(client->key(), text, patience())
                      : client->ask(registration::wire::Action::kReceive, patience()))
          .is_ok();
    };
  }

  static inline int count_ = 0;
  std::string instance_;
  std::unique_ptr<Process> server_;
  std::unique_ptr<Crew> crew_;
};

template <typename Theirs>
void compare_with(const char* name, bool is_on_one, const Options& options, int stop_fd) {
  std::printf("\nbeside %ss%s\n%s", name, is_on_one ? ", all on one processor" : "",
              table_head(name).c_str());
  for (const int clients : options.connections) {
    const OneProcessor place(is_on_one);
    // Whatever forks comes before the threads of other servers.
    Registered ours(clients, stop_fd);
    Theirs theirs(clients, stop_fd);
    show("64 bytes, " + std::to_string(clients) + (clients == 1 ? " client" : " clients"),
         ours.run(), theirs.run(), options.rounds);
  }
}

void run(const Options& options, int stop_fd) {
  for (const bool is_on_one : {false, true}) {
    compare_with<SemaphoreEcho>("semaphore", is_on_one, options, stop_fd);
    compare_with<SocketEcho>("socket", is_on_one, options, stop_fd);
  }
}

}  // namespace
}  // namespace kit::bench

int main(int argc, char** argv) {
  return kit::bench::run_bench(argc, argv, "registration_server", kit::bench::run);
}
