#include "grader/registration_server/wire_client.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "grader/harness/fd.h"
#include "grader/harness/peer_error.h"
#include "grader/harness/poll.h"

namespace kit::registration_lab {
namespace {

timespec moment_of(Deadline deadline) {
  const std::int64_t ns = monotonic_ns() + std::int64_t{deadline.remaining_ms()} * 1'000'000;
  return {ns / 1'000'000'000, ns % 1'000'000'000};
}

// False when the deadline came first.
bool wait_for_post(sem_t* semaphore, Deadline deadline) {
  const timespec at = moment_of(deadline);
  while (sem_clockwait(semaphore, CLOCK_MONOTONIC, &at) != 0) {
    if (errno == ETIMEDOUT) return false;
  }
  return true;
}

// Whether it was had. A dead one's is made usable again.
bool lock(pthread_mutex_t* mutex, Deadline deadline) {
  const timespec at = moment_of(deadline);
  const int error = pthread_mutex_clocklock(mutex, CLOCK_MONOTONIC, &at);
  if (error == EOWNERDEAD) pthread_mutex_consistent(mutex);
  return error == 0 || error == EOWNERDEAD;
}

bool try_lock(pthread_mutex_t* mutex) {
  const int error = pthread_mutex_trylock(mutex);
  if (error == EOWNERDEAD) pthread_mutex_consistent(mutex);
  return error == 0 || error == EOWNERDEAD;
}

// Maps the object when there is one that was opened; nullptr when there is none, or not yet.
void* map_open(const std::string& name, std::size_t bytes) {
  const UniqueFd fd(shm_open(name.c_str(), O_RDWR | O_CLOEXEC, 0));
  if (fd.get() < 0) return nullptr;
  struct stat status;
  if (fstat(fd.get(), &status) != 0 || static_cast<std::size_t>(status.st_size) < bytes)
    return nullptr;
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (memory == MAP_FAILED) return nullptr;
  if (static_cast<wire::Header*>(memory)->state.load() != wire::ObjectState::kBeingMade)
    return memory;
  munmap(memory, bytes);
  return nullptr;
}

template <std::size_t kBytes>
std::string text_of(const char (&memory)[kBytes]) {
  return std::string(memory, strnlen(memory, kBytes));
}

}  // namespace

std::string name_of(Status status) {
  static const char* const kNames[] = {"ok",       "name-taken",     "bad-name",
                                       "full",     "no-such-client", "mailbox-full",
                                       "too-long", "empty",          "bad-request"};
  const auto number = static_cast<std::uint32_t>(status);
  if (number >= 1 && number <= std::size(kNames)) return kNames[number - 1];
  return "status " + std::to_string(number);
}

std::string render(const Reply& reply) {
  std::string text = name_of(reply.status);
  if (reply.from != wire::kNoKey) text += ": " + reply.text + ", from " + reply.from_name;
  return text;
}

Mapping::Mapping(const std::string& name, std::size_t bytes, Deadline deadline) : bytes_(bytes) {
  if (poll_until(deadline, [&] { return (memory_ = map_open(name, bytes)) != nullptr; })) return;
  throw Timeout("there is no object " + name + " that is open and large enough");
}

Mapping::~Mapping() {
  if (memory_ != nullptr) munmap(memory_, bytes_);
}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  std::swap(memory_, other.memory_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

// The clients' mutex, while it is held.
struct WireClient::Lock {
  Lock(pthread_mutex_t* the_mutex, Deadline deadline) : mutex(the_mutex) {
    if (!lock(mutex, deadline)) throw Timeout("the clients' mutex is not to be had");
  }
  ~Lock() { pthread_mutex_unlock(mutex); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

  pthread_mutex_t* mutex;
};

WireClient::WireClient(const std::string& instance, Deadline deadline)
    : instance_(instance),
      deadline_(deadline),
      connect_(wire::connect_object_name(instance), sizeof(wire::ConnectChannel), deadline) {}

WireClient::~WireClient() { leave(); }

void WireClient::leave() {
  if (seat_ == wire::kNoSeat) return;
  pthread_mutex_unlock(&connect().seats[seat_].presence);
  seat_ = wire::kNoSeat;
}

// The post comes after the id, so it may be a moment away when the id is there. Posts that others
// have left are taken on the way.
void WireClient::await_answer(const Mapping& channel, std::atomic<std::uint32_t>& response_id,
                              std::uint32_t id, sem_t* answered) {
  constexpr int kPostMs = 2000;
  for (;;) {
    const bool was_answered = response_id.load() == id;
    const Deadline look =
        was_answered ? Deadline::after_ms(kPostMs) : deadline_.but_at_most_ms(100);
    const bool is_woken = wait_for_post(answered, look);
    if (is_woken && response_id.load() == id) return;
    if (was_answered)
      throw PeerError("the response is there, but `answered` was not posted: nobody wakes up");
    if (response_id.load() != id && channel.state() == wire::ObjectState::kClosed)
      throw PeerClosed("the channel was closed, and there is no answer");
    if (deadline_.expired()) throw Timeout("there is no answer to request " + std::to_string(id));
  }
}

// As wire.h has it: a request of one who died is the server's until it is answered. Whoever died
// may have taken the post with it.
void WireClient::settle() {
  const std::uint32_t id = connect().request.id.load();
  if (connect().response.id.load() == id) return;
  sem_post(&connect().requested);
  if (poll_until(deadline_, [&] { return connect().response.id.load() == id; })) return;
  throw Timeout("the request that a dead client has left is not answered");
}

void WireClient::take_seat() {
  for (std::uint32_t i = 0; i < connect().max_clients; ++i) {
    wire::Seat& seat = connect().seats[i];
    if (seat.state.load() != wire::SeatState::kFree || !try_lock(&seat.presence)) continue;
    if (seat.state.load() == wire::SeatState::kFree) {
      seat_ = i;
      return;
    }
    pthread_mutex_unlock(&seat.presence);
  }
}

void WireClient::fill(std::string_view name) {
  wire::ConnectRequest& request = connect().request;
  request.action = Action::kRegister;
  request.seat = seat_;
  request.name_bytes = static_cast<std::uint32_t>(name.size());
  std::memcpy(request.name, name.data(), std::min(name.size(), sizeof request.name));
}

void WireClient::enroll_until(std::string_view name, Stage stage) {
  if (!lock(&connect().mutex, deadline_)) throw Timeout("the clients' mutex is not to be had");
  settle();
  if (stage == Stage::kMutex) return;
  take_seat();
  if (stage == Stage::kSeat) return;
  fill(name);
  if (stage == Stage::kFilled) return;
  const std::uint32_t id = connect().response.id.load() + 1;
  connect().request.id.store(id);
  if (stage == Stage::kAsked) return;
  sem_post(&connect().requested);
  if (stage == Stage::kPosted) return;
  await_answer(connect_, connect().response.id, id, &connect().answered);
}

Status WireClient::connect_exchange(const std::function<void(wire::ConnectRequest&)>& fill) {
  const Lock guard(&connect().mutex, deadline_);
  settle();
  const std::uint32_t id = connect().response.id.load() + 1;
  fill(connect().request);
  connect().request.id.store(id);
  sem_post(&connect().requested);
  await_answer(connect_, connect().response.id, id, &connect().answered);
  key_ = connect().response.key;
  return connect().response.status;
}

Status WireClient::enroll(std::string_view name) {
  const Status status = connect_exchange([&](wire::ConnectRequest&) {
    take_seat();
    fill(name);
  });
  if (status != Status::kOk) {
    leave();
    return status;
  }
  if (seat_ == wire::kNoSeat) throw PeerError("the server gave a key to one who has no seat");
  channel_name_ = text_of(connect().seats[seat_].channel_name);
  if (channel_name_ != wire::comm_object_name(instance_, key_))
    throw PeerError("the seat says that the comm channel is called \"" + channel_name_ + "\"");
  // It was made before the answer.
  comm_ = std::make_unique<Mapping>(channel_name_, sizeof(wire::CommChannel),
                                    deadline_.but_at_most_ms(0));
  return status;
}

Reply WireClient::ask(Action action) {
  return exchange([action](wire::CommRequest& request) { request.action = action; });
}

Reply WireClient::send(Key to, std::string_view text) {
  return exchange([&](wire::CommRequest& request) {
    request.action = Action::kSend;
    request.to = to;
    request.text_bytes = static_cast<std::uint32_t>(text.size());
    std::memcpy(request.text, text.data(), std::min(text.size(), sizeof request.text));
  });
}

Reply WireClient::exchange(const std::function<void(wire::CommRequest&)>& fill) {
  begin(fill);
  return finish();
}

void WireClient::begin(const std::function<void(wire::CommRequest&)>& fill) {
  wire::CommRequest& request = comm().request;
  fill(request);
  request.id.store(comm().response.id.load() + 1);
  sem_post(&comm().requested);
}

Reply WireClient::finish() {
  await_answer(*comm_, comm().response.id, comm().request.id.load(), &comm().answered);
  const wire::CommResponse& response = comm().response;
  const Action action = comm().request.action;
  Reply reply;
  reply.status = response.status;
  if (reply.status != Status::kOk) return reply;
  if (action == Action::kStats) reply.stats = response.stats;
  if (action == Action::kReceive) {
    reply.from = response.from;
    reply.from_name = text_of(response.from_name);
    reply.text.assign(response.text,
                      std::min<std::size_t>(response.text_bytes, sizeof response.text));
    if (response.text_bytes > sizeof response.text) throw PeerError("a message longer than can be");
  }
  if (action == Action::kList) {
    if (response.listed > wire::kMaxClients) throw PeerError("a list longer than can be");
    for (std::uint32_t i = 0; i < response.listed; ++i)
      reply.clients.emplace_back(text_of(response.entries[i].name), response.entries[i].key);
  }
  return reply;
}

void WireClient::await_close() {
  if (poll_until(deadline_, [&] { return is_closed(); })) return;
  throw Timeout("the comm channel is not closed");
}

}  // namespace kit::registration_lab
