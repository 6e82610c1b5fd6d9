// Calls on the two ends of a connect channel. Setup: "processes" or "threads", which the scenario's
// threads are then; and the instance.
//
// A call begins with the name of who makes it, A to Z; each thread of a scenario uses one name. The
// order of calls: probe_script.h. MS is how long a call may take at most, "never": no limit.
//
// Of the server, whose handler refuses the name "taken", names that are too long, and who has no
// free seat; a key is made of the name's letters, so that everybody can tell whose it is:
//   A.open MAX            "open"
//   A.serve N MS          until N requests are answered: "2 answered"; "1 answered, and no more"
//   A.seen                the last request: "action 1, seat 0, 3 bytes: ann"
//   A.present SEAT, A.is_free SEAT, A.free SEAT, A.show SEAT N
//   A.wake, A.close, A.end    the first two also by another thread
// Of a client:
//   B.connect MS          "connected", "NoObject"
//   B.enroll NAME MS      "ok", "name-taken", ..., "server-gone", "no-answer"; or what is wrong
//   B.leave, B.drop, B.is_gone
// Of one that is written against wire.h alone:
//   C.seat N              what is in the seat: "taken, ann, requests 1", "free"
//   C.raw ACTION SEAT BYTES   puts a request, and returns when it is answered: "status 4"
//   C.stray               posts for nothing
//   C.die_at STAGE NAME   begins to register and is killed: see die_at()
//   C.die, C.cpu          is killed; how it spent its last call: "asleep", "busy"
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

#include "connect_client.h"
#include "connect_server.h"
#include "grader/harness/call_times.h"
#include "grader/harness/probe.h"
#include "grader/harness/probe_script.h"
#include "wire.h"

namespace {

using registration::ConnectClient;
using registration::ConnectServer;
using registration::Outcome;
using support::Deadline;
namespace wire = registration::wire;

std::uint32_t number(const kit::Words& args, std::size_t i = 0) {
  return static_cast<std::uint32_t>(std::stoul(args.at(i)));
}

Deadline deadline(const kit::Words& args, std::size_t i) {
  return args.at(i) == "never" ? Deadline::never() : Deadline::after_ms(number(args, i));
}

void sleep_ms(std::int64_t ms) {
  const timespec time = {ms / 1000, ms % 1000 * 1'000'000};
  ::nanosleep(&time, nullptr);
}

[[noreturn]] void die() {
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

wire::Key key_of(const std::string& name) {
  wire::Key key = 1;
  for (char c : name) key = key * 131 + static_cast<unsigned char>(c);
  return key;
}

std::string status_text(wire::Status status) {
  switch (status) {
    case wire::Status::kOk:
      return "ok";
    case wire::Status::kNameTaken:
      return "name-taken";
    case wire::Status::kBadName:
      return "bad-name";
    case wire::Status::kFull:
      return "full";
    default:
      return "status " + std::to_string(static_cast<std::uint32_t>(status));
  }
}

thread_local std::unique_ptr<ConnectServer> t_server;
thread_local std::unique_ptr<ConnectClient> t_client;
thread_local std::string t_seen = "nothing";
thread_local kit::CallTimes t_times;

class ConnectAdapter : public kit::Adapter {
 public:
  explicit ConnectAdapter(const kit::Words& setup)
      : has_processes_(setup.at(0) == "processes"), instance_(setup.at(1)) {}
  ~ConnectAdapter() override { ::shm_unlink(wire::connect_object_name(instance_).c_str()); }

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
      t_server = std::make_unique<ConnectServer>(instance_, number(args));
      server_.store(t_server.get());
      return "open";
    }
    static const std::set<std::string> kOfAServer = {"serve", "present", "is_free", "free",
                                                     "show",  "wake",    "close"};
    if (kOfAServer.count(name) != 0 && server_.load() == nullptr) return "has no server";
    if (name == "serve") return serve(number(args), deadline(args, 1));
    if (name == "seen") return t_seen;
    if (name == "present") return t_server->is_present(number(args)) ? "yes" : "no";
    if (name == "is_free") return t_server->is_free(number(args)) ? "yes" : "no";
    if (name == "free") return t_server->free_seat(number(args)), "done";
    if (name == "show") return t_server->show_requests(number(args), number(args, 1)), "done";
    if (name == "wake") return server_.load()->wake(), "done";
    if (name == "close") return server_.load()->close(), "done";
    if (name == "end") return t_server.reset(), server_.store(nullptr), "done";
    return call_client(name, args);
  }

  std::string call_client(const std::string& name, const kit::Words& args) {
    static const std::set<std::string> kOfAClient = {"leave", "is_gone"};
    if (name == "connect") return connect(Deadline::after_ms(number(args)));
    if (name == "enroll") return enroll(args.at(0), deadline(args, 1));
    if (t_client == nullptr && kOfAClient.count(name) != 0) return "is not connected";
    if (name == "leave") return t_client->leave(), "done";
    if (name == "drop") return t_client.reset(), "done";
    if (name == "is_gone") return t_client->is_server_gone() ? "yes" : "no";
    if (name == "seat") return show_seat(channel().seats[number(args)]);
    if (name == "raw") return raw(args);
    if (name == "stray") return ::sem_post(&channel().requested), "done";
    if (name == "die_at") die_at(number(args), args.at(1));
    if (name == "die") die();
    throw kit::UnknownCall{name};
  }

  std::string serve(std::uint32_t wanted, Deadline until) {
    const auto handler = [&](const ConnectServer::Request& request) { return answer(request); };
    std::uint32_t count = 0;
    while (count < wanted && t_server->serve_one(handler, until)) ++count;
    return std::to_string(count) + (count < wanted ? " answered, and no more" : " answered");
  }

  ConnectServer::Answer answer(const ConnectServer::Request& request) {
    t_seen = "action " + std::to_string(static_cast<std::uint32_t>(request.action)) + ", seat " +
             (request.seat == wire::kNoSeat ? "none" : std::to_string(request.seat)) + ", " +
             std::to_string(request.name_bytes) + " bytes: " + request.name;
    if (request.name == "taken") return {wire::Status::kNameTaken};
    if (request.name_bytes > wire::kMaxNameBytes) return {wire::Status::kBadName};
    if (!t_server->is_free(request.seat)) return {wire::Status::kFull};
    const wire::Key key = key_of(request.name);
    t_server->take_seat(request.seat, request.name, key, wire::comm_object_name(instance_, key));
    return {wire::Status::kOk, key};
  }

  std::string connect(Deadline until) {
    try {
      t_client = std::make_unique<ConnectClient>(instance_, until);
    } catch (const registration::NoObject&) {
      return "NoObject";
    }
    return "connected";
  }

  std::string enroll(const std::string& name, Deadline until) {
    if (t_client == nullptr) return "is not connected";
    const ConnectClient::Answer answer = t_client->enroll(name, until);
    if (answer.outcome == Outcome::kServerGone) return "server-gone";
    if (answer.outcome == Outcome::kNoAnswer) return "no-answer";
    if (answer.status != wire::Status::kOk) return status_text(answer.status);
    if (answer.key != key_of(name)) return "ok, with the key of somebody else";
    const std::string channel = wire::comm_object_name(instance_, answer.key);
    return answer.channel_name == channel ? "ok" : "ok, and a channel called something else";
  }

  // The channel as anybody can see it.
  wire::ConnectChannel& channel() {
    const int fd = ::shm_open(wire::connect_object_name(instance_).c_str(), O_RDWR | O_CLOEXEC, 0);
    if (fd < 0) throw std::runtime_error("there is no connect channel");
    void* memory =
        ::mmap(nullptr, sizeof(wire::ConnectChannel), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ::close(fd);
    if (memory == MAP_FAILED) throw std::runtime_error("the connect channel cannot be mapped");
    return *static_cast<wire::ConnectChannel*>(memory);
  }

  static std::string show_seat(const wire::Seat& seat) {
    if (seat.state.load() == wire::SeatState::kFree) return "free";
    return "taken, " + std::string(seat.name, ::strnlen(seat.name, sizeof seat.name)) +
           ", requests " + std::to_string(seat.requests.load());
  }

  std::string raw(const kit::Words& args) {
    wire::ConnectChannel& shared = channel();
    const std::uint32_t id = shared.response.id.load() + 1;
    shared.request.action = static_cast<wire::Action>(number(args));
    shared.request.seat = number(args, 1);
    shared.request.name_bytes = number(args, 2);
    std::memset(shared.request.name, 'x', sizeof shared.request.name);
    shared.request.id.store(id);
    ::sem_post(&shared.requested);
    while (shared.response.id.load() != id) sleep_ms(1);
    // The post comes after the id.
    const timespec at = Deadline::after_ms(5000).at();
    if (::sem_clockwait(&shared.answered, CLOCK_MONOTONIC, &at) != 0) return "nobody was woken";
    return status_text(shared.response.status);
  }

  // 0: with the mutex; 1: and the presence of seat 0; 2: and the request, but its id; 3: and that;
  // 4: and the post; 5: and an answer, after which the response is spoiled, as it is anybody's
  // next.
  [[noreturn]] void die_at(std::uint32_t stage, const std::string& name) {
    wire::ConnectChannel& shared = channel();
    if (::pthread_mutex_lock(&shared.mutex) == EOWNERDEAD)
      ::pthread_mutex_consistent(&shared.mutex);
    if (stage == 0) die();
    if (::pthread_mutex_trylock(&shared.seats[0].presence) == EOWNERDEAD)
      ::pthread_mutex_consistent(&shared.seats[0].presence);
    if (stage == 1) die();
    shared.request.action = wire::Action::kRegister;
    shared.request.seat = 0;
    shared.request.name_bytes = static_cast<std::uint32_t>(name.size());
    std::memcpy(shared.request.name, name.data(),
                std::min(name.size(), sizeof shared.request.name));
    const std::uint32_t id = shared.response.id.load() + 1;
    if (stage == 2) die();
    shared.request.id.store(id);
    if (stage == 3) die();
    ::sem_post(&shared.requested);
    while (stage == 5 && shared.response.id.load() != id) sleep_ms(1);
    die();
  }

  const bool has_processes_;
  const std::string instance_;
  std::atomic<ConnectServer*> server_{nullptr};  // for other threads
  kit::Script script_;
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words& setup) {
  return std::make_unique<ConnectAdapter>(setup);
}
