// Calls on the two ends of a comm channel. Setup: "processes" or "threads", which the scenario's
// threads are then; and the instance.
//
// A call begins with the name of who makes it, A to Z; each thread of a scenario uses one name. The
// order of calls: probe_script.h. MS is how long a call may take at most, "never": no limit.
//
// Of the server, whose handler sends back what it got:
//   A.open                "open"
//   A.serve N MS          until N requests are answered: "2 answered"; "1 answered, and no more"
//   A.seen                the last request: "action 2, 5 bytes: a*5"; "action 4", which has no text
//   A.wake, A.close, A.end     the first two also by another thread;  A.remove
// Of the client:
//   B.connect MS          "connected", "NoObject"
//   B.send LETTER COUNT MS     "ok, a*5"; or "server-gone", "no-answer"
//   B.ask ACTION MS       "ok", ...
//   B.believe             from here on it is told that the server is gone
// Of one that is written against wire.h alone:
//   C.raw ACTION BYTES JUMP    puts a request whose id is so much more: "answered", "nobody was
//   woken" C.stray, C.flood      posts once, or very often, for nothing C.die, C.cpu          is
//   killed; how it spent its last call: "asleep", "busy"
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <set>

#include "comm_client.h"
#include "comm_server.h"
#include "grader/harness/call_times.h"
#include "grader/harness/probe.h"
#include "grader/harness/probe_script.h"
#include "wire.h"

namespace {

using registration::CommClient;
using registration::CommServer;
using registration::Outcome;
using support::Deadline;
namespace wire = registration::wire;

constexpr wire::Key kKey = 0x77;

std::uint32_t number(const kit::Words& args, std::size_t i = 0) {
  return static_cast<std::uint32_t>(std::stoul(args.at(i)));
}

Deadline deadline(const kit::Words& args, std::size_t i) {
  return args.at(i) == "never" ? Deadline::never() : Deadline::after_ms(number(args, i));
}

// "a*5" for letters that are all the same.
std::string show(const std::string& text) {
  if (text.empty()) return "nothing";
  const bool is_run = text.find_first_not_of(text[0]) == std::string::npos;
  return is_run ? text.substr(0, 1) + "*" + std::to_string(text.size()) : "a mixture";
}

thread_local std::unique_ptr<CommServer> t_server;
thread_local std::unique_ptr<CommClient> t_client;
thread_local bool t_believes_gone = false;
thread_local std::string t_seen = "nothing";
thread_local kit::CallTimes t_times;

class CommAdapter : public kit::Adapter {
 public:
  explicit CommAdapter(const kit::Words& setup)
      : has_processes_(setup.at(0) == "processes"),
        name_(wire::comm_object_name(setup.at(1), kKey)) {}
  ~CommAdapter() override { ::shm_unlink(name_.c_str()); }

  bool has_processes() const override { return has_processes_; }

  std::string call(const std::string& name, const kit::Words& args) override {
    return script_.take(name.at(0), args,
                        [&](const kit::Words& rest) { return timed_call(name.substr(2), rest); });
  }

 private:
  std::string timed_call(const std::string& name, const kit::Words& args) {
    if (name == "cpu") return t_times.cpu();
    return t_times.measure([&] { return call_server(name, args); });
  }

  std::string call_server(const std::string& name, const kit::Words& args) {
    if (name == "open") {
      t_server = std::make_unique<CommServer>(name_);
      server_.store(t_server.get());
      return "open";
    }
    static const std::set<std::string> kOfAServer = {"serve", "wake", "close", "remove"};
    if (kOfAServer.count(name) != 0 && server_.load() == nullptr) return "has no server";
    if (name == "serve") return serve(number(args), deadline(args, 1));
    if (name == "seen") return t_seen;
    if (name == "wake") return server_.load()->wake(), "done";
    if (name == "close") return server_.load()->close(), "done";
    if (name == "remove") return t_server->remove(), "done";
    if (name == "end") return t_server.reset(), server_.store(nullptr), "done";
    return call_client(name, args);
  }

  std::string call_client(const std::string& name, const kit::Words& args) {
    if (name == "connect") return connect(Deadline::after_ms(number(args)));
    if ((name == "send" || name == "ask") && t_client == nullptr) return "is not connected";
    if (name == "send") {
      const std::string text(number(args, 1), args.at(0).at(0));
      return show(t_client->send(kKey, text, deadline(args, 2)));
    }
    if (name == "ask") {
      const Outcome outcome =
          t_client->ask(static_cast<wire::Action>(number(args)), deadline(args, 1));
      return outcome == Outcome::kAnswered ? "ok" : show(outcome);
    }
    if (name == "believe") return t_believes_gone = true, "done";
    if (name == "drop") return t_client.reset(), "done";
    if (name == "raw") return raw(args);
    if (name == "stray") return ::sem_post(&channel().requested), "done";
    if (name == "flood") return flood();
    if (name == "die") {
      ::kill(::getpid(), SIGKILL);
      for (;;) ::pause();
    }
    throw kit::UnknownCall{name};
  }

  std::string serve(std::uint32_t wanted, Deadline until) {
    const auto handler = [](const registration::Request& request, wire::CommResponse& response) {
      const std::size_t bytes = std::min<std::size_t>(request.text_bytes, wire::kMaxTextBytes);
      t_seen = "action " + std::to_string(static_cast<std::uint32_t>(request.action));
      // What else is in a request that carries nothing is left to its client.
      if (request.action < wire::Action::kReceive || request.action > wire::Action::kUnregister) {
        t_seen += ", " + std::to_string(request.text_bytes) +
                  " bytes: " + ::show(std::string(request.text.data(), bytes));
      }
      response.status = wire::Status::kOk;
      response.from = request.to;
      response.text_bytes = static_cast<std::uint32_t>(bytes);
      std::memcpy(response.text, request.text.data(), bytes);
    };
    std::uint32_t count = 0;
    while (count < wanted && t_server->serve_one(handler, until)) ++count;
    return std::to_string(count) + (count < wanted ? " answered, and no more" : " answered");
  }

  std::string connect(Deadline until) {
    t_believes_gone = false;
    try {
      t_client = std::make_unique<CommClient>(
          name_, [] { return t_believes_gone; }, until);
    } catch (const registration::NoObject&) {
      return "NoObject";
    }
    return "connected";
  }

  static std::string show(Outcome outcome) {
    if (outcome == Outcome::kServerGone) return "server-gone";
    if (outcome == Outcome::kNoAnswer) return "no-answer";
    const wire::CommResponse& response = t_client->response();
    if (response.status != wire::Status::kOk) return "another status";
    return "ok, " + ::show(std::string(response.text, std::min<std::size_t>(response.text_bytes,
                                                                            sizeof response.text)));
  }

  // The channel as anybody can see it.
  wire::CommChannel& channel() {
    const int fd = ::shm_open(name_.c_str(), O_RDWR | O_CLOEXEC, 0);
    if (fd < 0) throw std::runtime_error("there is no comm channel");
    void* memory =
        ::mmap(nullptr, sizeof(wire::CommChannel), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ::close(fd);
    if (memory == MAP_FAILED) throw std::runtime_error("the comm channel cannot be mapped");
    return *static_cast<wire::CommChannel*>(memory);
  }

  std::string raw(const kit::Words& args) {
    wire::CommChannel& shared = channel();
    const std::uint32_t id = shared.response.id.load() + number(args, 2);
    shared.request.action = static_cast<wire::Action>(number(args));
    shared.request.text_bytes = number(args, 1);
    std::memset(shared.request.text, 'x', sizeof shared.request.text);
    shared.request.id.store(id);
    ::sem_post(&shared.requested);
    const timespec pause = {0, 1'000'000};
    while (shared.response.id.load() != id) ::nanosleep(&pause, nullptr);
    // The post comes after the id.
    const timespec at = Deadline::after_ms(5000).at();
    if (::sem_clockwait(&shared.answered, CLOCK_MONOTONIC, &at) != 0) return "nobody was woken";
    return "answered";
  }

  std::string flood() {
    wire::CommChannel& shared = channel();
    for (int i = 0; i < 50'000; ++i) ::sem_post(&shared.requested);
    return "done";
  }

  const bool has_processes_;
  const std::string name_;
  std::atomic<CommServer*> server_{nullptr};  // for other threads
  kit::Script script_;
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words& setup) {
  return std::make_unique<CommAdapter>(setup);
}
