// A client that is written against wire.h alone: what speaks with the student's server in the
// checks, politely or not.
//
//     WireClient ann(instance);
//     require_status(ann.enroll("ann"), Status::kOk);
//     ann.send(bob.key(), "hello");
//     ann.ask(Action::kReceive).text
//
// It waits for the semaphore where the wire promises a post, and looks at the ids only then: a
// server that forgets to wake is seen, however often it looks by itself.
//
// Ownership: it owns its mappings, not the objects. Destroyed, it lets go of its seat, which is
// what a client does that dies; its thread must be the one that called enroll(). Thread-safety:
// none, but raise_flood() and the like are not needed: one thread each. Errors: Timeout and
// PeerError (peer_error.h), which await() or the check turn into a finding.
#ifndef GRADER_REGISTRATION_SERVER_WIRE_CLIENT_H_
#define GRADER_REGISTRATION_SERVER_WIRE_CLIENT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "grader/harness/deadline.h"
#include "labs/registration_server/wire.h"

namespace kit::registration_lab {

namespace wire = registration::wire;
using wire::Action;
using wire::Key;
using wire::Status;

// "ok", "name-taken", ...; what is none of them as "status 77".
std::string name_of(Status status);

// A mapping of a whole object. Throws PeerError when there is none of this size, and Timeout when
// it was not opened in time.
class Mapping {
 public:
  Mapping(const std::string& name, std::size_t bytes, Deadline deadline);
  ~Mapping();
  Mapping(Mapping&& other) noexcept : memory_(other.memory_), bytes_(other.bytes_) {
    other.memory_ = nullptr;
  }
  Mapping& operator=(Mapping&& other) noexcept;

  template <typename Thing>
  Thing& as() const {
    return *static_cast<Thing*>(memory_);
  }
  wire::ObjectState state() const { return as<wire::Header>().state.load(); }

 private:
  void* memory_ = nullptr;
  std::size_t bytes_ = 0;
};

// What came of a request on the comm channel: a copy.
struct Reply {
  Status status{};
  Key from = wire::kNoKey;
  std::string from_name;
  std::string text;
  wire::Stats stats{};
  std::vector<std::pair<std::string, Key>> clients;  // kList
};
// "ok", or for a message "ok: hello, from ann".
std::string render(const Reply& reply);

class WireClient {
 public:
  // How far a client comes with its registration before it dies.
  enum class Stage {
    kMutex,     // it has the mutex
    kSeat,      // ... and the presence of a seat
    kFilled,    // ... and has written its request, but for the id
    kAsked,     // ... and the id
    kPosted,    // ... and has told the server
    kAnswered,  // ... and the server has answered
  };

  // Waits until the server has opened its channel.
  WireClient(const std::string& instance, Deadline deadline);
  ~WireClient();
  WireClient(const WireClient&) = delete;
  WireClient& operator=(const WireClient&) = delete;

  // The whole of a registration. With kOk the comm channel is open then.
  Status enroll(std::string_view name);
  // Only the first part of it, and nothing is put back.
  void enroll_until(std::string_view name, Stage stage);

  Key key() const { return key_; }
  const std::string& channel_name() const { return channel_name_; }

  Reply ask(Action action);
  Reply send(Key to, std::string_view text);
  // One exchange with a request that `fill` writes, which may write anything but the id.
  Reply exchange(const std::function<void(wire::CommRequest&)>& fill);
  // Its first half: the request is there and the server told.
  void begin(const std::function<void(wire::CommRequest&)>& fill);
  // ... and its second.
  Reply finish();

  // One exchange on the connect channel with a request that `fill` writes, of a client that holds
  // the mutex. The status it got.
  Status connect_exchange(const std::function<void(wire::ConnectRequest&)>& fill);

  // Waits until the comm channel is closed, as a client that waits for an answer does.
  void await_close();
  // Whether `answered` was posted. Takes one post.
  bool is_woken() { return sem_trywait(&comm().answered) == 0; }
  bool is_closed() const { return comm_->state() == wire::ObjectState::kClosed; }

  // Gives up the seat.
  void leave();

  wire::ConnectChannel& connect() const { return connect_.as<wire::ConnectChannel>(); }
  wire::CommChannel& comm() const { return comm_->as<wire::CommChannel>(); }

 private:
  struct Lock;

  void settle();
  void take_seat();
  void fill(std::string_view name);
  void await_answer(const Mapping& channel, std::atomic<std::uint32_t>& response_id,
                    std::uint32_t id, sem_t* answered);

  const std::string instance_;
  const Deadline deadline_;
  Mapping connect_;
  std::unique_ptr<Mapping> comm_;
  std::uint32_t seat_ = wire::kNoSeat;
  Key key_ = wire::kNoKey;
  std::string channel_name_;
};

}  // namespace kit::registration_lab

#endif  // GRADER_REGISTRATION_SERVER_WIRE_CLIENT_H_
