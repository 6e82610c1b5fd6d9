#include "comm_server.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "wakeup.h"

namespace registration {

//~ begin step 4: Make the channel, and open it. Functions of your own can stand here, too.
//~| CommServer::CommServer(const std::string& object_name) {
//~|   (void)object_name;
//~|   throw std::logic_error("not implemented yet (step 4)");
//~| }
namespace {

// Reads it from memory, once: what is looked at and what is used must be the same value, although
// the client may write there at any time.
template <typename Value>
Value read_once(const Value& shared) {
  return *const_cast<const volatile Value*>(&shared);
}

}  // namespace

CommServer::CommServer(const std::string& object_name)
    : object_(SharedObject::create(object_name, sizeof(wire::CommChannel), wire::kCommMagic)) {
  init_semaphore(&channel().requested);
  init_semaphore(&channel().answered);
  object_.publish();
}
//~ end

CommServer::~CommServer() {
  //~ begin step 4: The client must not wait any longer.
  close();
  //~ end
}

bool CommServer::serve_one(const Handler& handler, support::Deadline deadline) {
  //~ begin step 4: Sleep until there is a request whose id is not the one answered last. Copy it,
  //~   have it carried out, and answer.
  //~| (void)handler;
  //~| (void)deadline;
  //~| return false;
  if (!await_request(deadline)) return false;
  std::uint32_t id = channel().request.id.load(std::memory_order_acquire);
  copy_request();
  handler(request_, channel().response);
  answered_id_ = id;
  channel().response.id.store(id, std::memory_order_release);
  post(&channel().answered);
  return true;
  //~ end
}

void CommServer::wake() noexcept {
  //~ begin step 4: Somebody who is woken must see why.
  is_woken_.store(true, std::memory_order_release);
  post(&channel().requested);
  //~ end
}

void CommServer::close() noexcept {
  //~ begin step 4: Say so, and wake both sides.
  channel().header.state.store(wire::ObjectState::kClosed, std::memory_order_release);
  post(&channel().requested);
  post(&channel().answered);
  //~ end
}

void CommServer::remove() noexcept {
  //~ begin step 4: The name only: the client may still look at the memory.
  object_.remove_name();
  //~ end
}

//~ begin step 4: The parts of serve_one().
bool CommServer::has_request() const {
  return channel().request.id.load(std::memory_order_acquire) != answered_id_;
}

bool CommServer::is_closed() const {
  return channel().header.state.load(std::memory_order_relaxed) == wire::ObjectState::kClosed;
}

// A post is a reason to look, and no more.
bool CommServer::await_request(support::Deadline deadline) {
  for (;;) {
    // First: a client that posts and asks without end must not keep its worker.
    if (is_woken_.exchange(false, std::memory_order_acquire) || is_closed()) return false;
    if (has_request()) return true;
    if (!wait(&channel().requested, deadline)) return false;
  }
}

void CommServer::copy_request() {
  const wire::CommRequest& shared = channel().request;
  request_.action = read_once(shared.action);
  request_.to = read_once(shared.to);
  request_.text_bytes = read_once(shared.text_bytes);
  std::memcpy(request_.text.data(), shared.text,
              std::min<std::size_t>(request_.text_bytes, request_.text.size()));
}
//~ end

}  // namespace registration
