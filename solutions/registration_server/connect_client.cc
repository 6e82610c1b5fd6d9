#include "connect_client.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "exchange.h"
#include "robust_mutex.h"
#include "wakeup.h"

namespace registration {

//~ begin step 3: Open the channel. Functions of your own can stand here, too.
//~| ConnectClient::ConnectClient(const std::string& instance, support::Deadline deadline) {
//~|   (void)instance;
//~|   (void)deadline;
//~|   throw std::logic_error("not implemented yet (step 3)");
//~| }
using support::Deadline;

namespace {

// A seat that is free may still be in the hands of the one who had it, who lets go of it when it
// has its answer, or of the server, which looks whether anybody has it. Neither takes long.
constexpr std::int64_t kSeatMs = 1000;

}  // namespace

ConnectClient::ConnectClient(const std::string& instance, support::Deadline deadline)
    : object_(SharedObject::open(wire::connect_object_name(instance), sizeof(wire::ConnectChannel),
                                 wire::kConnectMagic, deadline)) {}
//~ end

ConnectClient::~ConnectClient() {
  //~ begin step 3: A mutex must not be held when its memory goes.
  leave();
  //~ end
}

ConnectClient::Answer ConnectClient::enroll(std::string_view name, support::Deadline deadline) {
  //~ begin step 3: Get the mutex, and never wait for a server that is gone meanwhile. The one who
  //~   had it before may have died or given up in the middle of an exchange.
  //~| (void)name;
  //~| (void)deadline;
  //~| return {Outcome::kNoAnswer};
  do {
    if (is_server_gone()) return {Outcome::kServerGone};
    Deadline look = Deadline::after_ms(wire::kLifeCheckMs);
    MutexLock lock(&channel().mutex, std::min(deadline, look));
    if (lock) return enroll_alone(name, deadline);
  } while (!deadline.has_passed());
  return {Outcome::kNoAnswer};
  //~ end
}

void ConnectClient::leave() noexcept {
  //~ begin step 3: Let go of the presence, if there is one.
  if (seat_ == wire::kNoSeat) return;
  unlock(&channel().seats[seat_].presence);
  seat_ = wire::kNoSeat;
  //~ end
}

bool ConnectClient::is_server_gone() const {
  //~ begin step 3: It has said so, or nobody has its sign of life.
  //~| return true;
  wire::ObjectState state = channel().header.state.load(std::memory_order_acquire);
  return state == wire::ObjectState::kClosed || !is_held(&channel().server_life);
  //~ end
}

//~ begin step 3: The parts of enroll(), while the mutex is held.
ConnectClient::Answer ConnectClient::enroll_alone(std::string_view name, Deadline deadline) {
  Outcome outcome = settle(deadline);
  if (outcome != Outcome::kAnswered) return {outcome};
  take_free_seat();
  const wire::ConnectResponse& response = channel().response;
  // Nobody else writes requests now, and all are answered: both ids are the last one's.
  std::uint32_t id = response.id.load(std::memory_order_relaxed) + 1;
  write_request(name, id);
  post(&channel().requested);
  outcome = await(id, deadline);
  if (outcome == Outcome::kAnswered && response.status == wire::Status::kOk) return accepted();
  // Refused; or nobody knows, and then the server must not believe that we are there.
  leave();
  return {outcome, response.status};
}

// Repairs what a client has left that died with the mutex, or gave up. If its request is not
// answered yet, the server may be reading it just now, and will write an answer. The request block
// is ours only after that. It may even be that the server was not told of it.
Outcome ConnectClient::settle(Deadline deadline) {
  std::uint32_t id = channel().request.id.load(std::memory_order_relaxed);
  if (channel().response.id.load(std::memory_order_acquire) == id) return Outcome::kAnswered;
  post(&channel().requested);
  return await(id, deadline);
}

Outcome ConnectClient::await(std::uint32_t id, Deadline deadline) {
  AnswerSign sign{channel().header, channel().response.id, &channel().answered};
  return await_answer(
      sign, id, [this] { return is_server_gone(); }, deadline);
}

// The server does not give out seats, so that there is no moment in which a client has one and has
// not yet shown that it lives. Without a free one, seat_ stays kNoSeat.
void ConnectClient::take_free_seat() {
  for (std::uint32_t i = 0; i < channel().max_clients; ++i) {
    wire::Seat& seat = channel().seats[i];
    if (seat.state.load(std::memory_order_acquire) != wire::SeatState::kFree) continue;
    if (!try_lock(&seat.presence, Deadline::after_ms(kSeatMs))) continue;
    seat_ = i;
    return;
  }
}

void ConnectClient::write_request(std::string_view name, std::uint32_t id) {
  wire::ConnectRequest& request = channel().request;
  request.action = wire::Action::kRegister;
  request.seat = seat_;
  request.name_bytes = static_cast<std::uint32_t>(std::min<std::size_t>(name.size(), UINT32_MAX));
  std::memcpy(request.name, name.data(), std::min(name.size(), sizeof request.name));
  request.id.store(id, std::memory_order_release);
}

ConnectClient::Answer ConnectClient::accepted() const {
  const wire::ConnectResponse& response = channel().response;
  return {Outcome::kAnswered, response.status, response.key, channel().seats[seat_].channel_name};
}
//~ end

}  // namespace registration
