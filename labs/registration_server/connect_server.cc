#include "connect_server.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "robust_mutex.h"
#include "wakeup.h"

namespace registration {

// TODO(step 3): Make the channel: who opens it must find everything in it ready. Functions of your
// own can stand here, too.
ConnectServer::ConnectServer(const std::string& instance, std::uint32_t max_clients) {
  (void)instance;
  (void)max_clients;
  throw std::logic_error("not implemented yet (step 3)");
}

ConnectServer::~ConnectServer() {
  // TODO(step 3): Close the channel, remove its name, and let go of the sign of life.
}

bool ConnectServer::serve_one(const Handler& handler, support::Deadline deadline) {
  // TODO(step 3): Sleep until there is a request whose id is not the one answered last. Copy it,
  // have it carried out, and answer.
  (void)handler;
  (void)deadline;
  return false;
}

void ConnectServer::wake() noexcept {
  // TODO(step 3): Somebody who is woken must see why.
}

void ConnectServer::close() noexcept {
  // TODO(step 3): Say so, and wake both sides.
}

bool ConnectServer::is_closed() const {
  // TODO(step 3): As close() has left it.
  return true;
}

void ConnectServer::remove() noexcept {
  // TODO(step 3): The name only.
}

std::uint32_t ConnectServer::max_clients() const {
  // TODO(step 3): As it was made.
  return 0;
}

bool ConnectServer::is_present(std::uint32_t seat) const {
  // TODO(step 3): A presence that is held is a living client's.
  (void)seat;
  return true;
}

bool ConnectServer::is_free(std::uint32_t seat) const {
  // TODO(step 3): The number comes from a client.
  (void)seat;
  return false;
}

void ConnectServer::take_seat(std::uint32_t seat, std::string_view name, wire::Key key,
                              std::string_view channel_name) {
  // TODO(step 3): Fill in the seat.
  (void)seat;
  (void)name;
  (void)key;
  (void)channel_name;
}

void ConnectServer::free_seat(std::uint32_t seat) noexcept {
  // TODO(step 3): First what is in it; then it is free.
  (void)seat;
}

void ConnectServer::show_requests(std::uint32_t seat, std::uint64_t requests) noexcept {
  // TODO(step 3): A number for whoever looks.
  (void)seat;
  (void)requests;
}

// TODO(step 3): The parts of serve_one().

}  // namespace registration
