#include "connect_server.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "robust_mutex.h"
#include "wakeup.h"

namespace registration {

//~ begin step 3: Make the channel: who opens it must find everything in it ready. Functions of your
//~   own can stand here, too.
//~| ConnectServer::ConnectServer(const std::string& instance, std::uint32_t max_clients) {
//~|   (void)instance;
//~|   (void)max_clients;
//~|   throw std::logic_error("not implemented yet (step 3)");
//~| }
namespace {

// Reads it from memory, once: what is looked at and what is used must be the same value, although
// somebody may write there at any time.
template <typename Value>
Value read_once(const Value& shared) {
  return *const_cast<const volatile Value*>(&shared);
}

void copy_text(std::string_view text, char* to, std::size_t room) {
  if (text.size() >= room) throw std::length_error("too long for a seat");
  std::memcpy(to, text.data(), text.size());
  to[text.size()] = '\0';
}

void prepare(wire::ConnectChannel& channel, std::uint32_t max_clients) {
  channel.max_clients = max_clients;
  init_robust(&channel.server_life);
  init_robust(&channel.mutex);
  init_semaphore(&channel.requested);
  init_semaphore(&channel.answered);
  for (std::uint32_t i = 0; i < max_clients; ++i) init_robust(&channel.seats[i].presence);
}

}  // namespace

ConnectServer::ConnectServer(const std::string& instance, std::uint32_t max_clients)
    : object_(SharedObject::create(wire::connect_object_name(instance),
                                   sizeof(wire::ConnectChannel), wire::kConnectMagic)) {
  if (max_clients == 0 || max_clients > wire::kMaxClients) {
    throw std::invalid_argument("so many clients cannot be");
  }
  prepare(channel(), max_clients);
  // Held from before anybody can look until after nobody needs to.
  if (!try_lock(&channel().server_life)) throw std::logic_error("a new mutex is locked");
  object_.publish();
}
//~ end

ConnectServer::~ConnectServer() {
  //~ begin step 3: Close the channel, remove its name, and let go of the sign of life.
  close();
  remove();
  unlock(&channel().server_life);
  //~ end
}

bool ConnectServer::serve_one(const Handler& handler, support::Deadline deadline) {
  //~ begin step 3: Sleep until there is a request whose id is not the one answered last. Copy it,
  //~   have it carried out, and answer.
  //~| (void)handler;
  //~| (void)deadline;
  //~| return false;
  if (!await_request(deadline)) return false;
  std::uint32_t id = channel().request.id.load(std::memory_order_acquire);
  Answer answer = handler(copy_request());
  wire::ConnectResponse& response = channel().response;
  response.status = answer.status;
  response.key = answer.key;
  answered_id_ = id;
  response.id.store(id, std::memory_order_release);
  post(&channel().answered);
  return true;
  //~ end
}

void ConnectServer::wake() noexcept {
  //~ begin step 3: Somebody who is woken must see why.
  is_woken_.store(true, std::memory_order_release);
  post(&channel().requested);
  //~ end
}

void ConnectServer::close() noexcept {
  //~ begin step 3: Say so, and wake both sides.
  channel().header.state.store(wire::ObjectState::kClosed, std::memory_order_release);
  post(&channel().requested);
  post(&channel().answered);
  //~ end
}

bool ConnectServer::is_closed() const {
  //~ begin step 3: As close() has left it.
  //~| return true;
  return channel().header.state.load(std::memory_order_relaxed) == wire::ObjectState::kClosed;
  //~ end
}

void ConnectServer::remove() noexcept {
  //~ begin step 3: The name only.
  object_.remove_name();
  //~ end
}

std::uint32_t ConnectServer::max_clients() const {
  //~ begin step 3: As it was made.
  //~| return 0;
  return channel().max_clients;
  //~ end
}

bool ConnectServer::is_present(std::uint32_t seat) const {
  //~ begin step 3: A presence that is held is a living client's.
  //~| (void)seat;
  //~| return true;
  return is_held(&channel().seats[seat].presence);
  //~ end
}

bool ConnectServer::is_free(std::uint32_t seat) const {
  //~ begin step 3: The number comes from a client.
  //~| (void)seat;
  //~| return false;
  return seat < max_clients() &&
         channel().seats[seat].state.load(std::memory_order_acquire) == wire::SeatState::kFree;
  //~ end
}

void ConnectServer::take_seat(std::uint32_t seat, std::string_view name, wire::Key key,
                              std::string_view channel_name) {
  //~ begin step 3: Fill in the seat.
  //~| (void)seat;
  //~| (void)name;
  //~| (void)key;
  //~| (void)channel_name;
  wire::Seat& taken = channel().seats[seat];
  copy_text(name, taken.name, sizeof taken.name);
  copy_text(channel_name, taken.channel_name, sizeof taken.channel_name);
  taken.key = key;
  taken.requests.store(1, std::memory_order_relaxed);
  taken.state.store(wire::SeatState::kTaken, std::memory_order_release);
  //~ end
}

void ConnectServer::free_seat(std::uint32_t seat) noexcept {
  //~ begin step 3: First what is in it; then it is free.
  //~| (void)seat;
  wire::Seat& freed = channel().seats[seat];
  freed.key = wire::kNoKey;
  freed.state.store(wire::SeatState::kFree, std::memory_order_release);
  //~ end
}

void ConnectServer::show_requests(std::uint32_t seat, std::uint64_t requests) noexcept {
  //~ begin step 3: A number for whoever looks.
  //~| (void)seat;
  //~| (void)requests;
  channel().seats[seat].requests.store(requests, std::memory_order_relaxed);
  //~ end
}

//~ begin step 3: The parts of serve_one().
bool ConnectServer::has_request() const {
  return channel().request.id.load(std::memory_order_acquire) != answered_id_;
}

// A post is a reason to look, and no more: the one who posted may have been killed before it wrote
// its request, or the request may have been answered already.
bool ConnectServer::await_request(support::Deadline deadline) {
  for (;;) {
    if (is_closed()) return false;
    if (has_request()) return true;
    if (is_woken_.exchange(false, std::memory_order_acquire)) return false;
    if (!wait(&channel().requested, deadline)) return false;
  }
}

ConnectServer::Request ConnectServer::copy_request() const {
  const wire::ConnectRequest& shared = channel().request;
  Request copy{read_once(shared.action), read_once(shared.seat), read_once(shared.name_bytes), {}};
  copy.name.assign(shared.name, std::min<std::size_t>(copy.name_bytes, sizeof shared.name));
  return copy;
}
//~ end

}  // namespace registration
