#include "worker.h"

#include <exception>
#include <utility>

#include "texts.h"

namespace registration {

Worker::Worker(Common common, std::shared_ptr<Member> member, std::uint32_t seat,
               const std::string& channel_name, std::function<void()> on_end)
    : common_(common),
      service_(common.registry),
      member_(std::move(member)),
      seat_(seat),
      channel_name_(channel_name),
      who_("client=" + member_->name + " key=" + wire::key_text(member_->key)),
      on_end_(std::move(on_end)),
      channel_(channel_name) {
  common_.log.info({"comm-channel-created ", who_, " name=", channel_name_});
  thread_ = std::thread(&Worker::run, this);
}

Worker::~Worker() {
  //~ begin step 4: No thread may outlive what it uses.
  //~| thread_.join();
  end(Why::kServerEnds);
  thread_.join();
  //~ end
}

void Worker::end(Why why) noexcept {
  //~ begin step 4: Say why, unless it is said already, and wake the thread.
  //~| (void)why;
  Why not_yet = Why::kNotYet;
  if (why_.compare_exchange_strong(not_yet, why)) channel_.wake();
  //~ end
}

//~ begin step 4: The thread.
//~| void Worker::run() {}
void Worker::run() {
  while (why_.load() == Why::kNotYet) {
    channel_.serve_one([this](const Request& request, wire::CommResponse& response) {
      answer(request, response);
    });
  }
  clear_up();
  has_ended_.store(true, std::memory_order_release);
  on_end_();
}

void Worker::answer(const Request& request, wire::CommResponse& response) {
  log_request(request);
  wire::Status status = carry_out(request, response);
  // After UNREGISTER the seat may be somebody else's.
  if (!is_removed_) {
    common_.connect.show_requests(seat_, member_->requests.load(std::memory_order_relaxed));
  }
  log_response(request, status);
}

// A request that fails for want of memory is answered like any other.
wire::Status Worker::carry_out(const Request& request, wire::CommResponse& response) {
  try {
    if (request.action == wire::Action::kUnregister) return unregister(response);
    return service_.carry_out(*member_, request, response);
  } catch (const std::exception& error) {
    common_.log.error({"error ", who_, " what=", Log::value(error.what())});
    response.status = wire::Status::kBadRequest;
    return wire::Status::kBadRequest;
  }
}
//~ end

wire::Status Worker::unregister(wire::CommResponse& response) {
  //~ begin step 6: All is removed before the client is told so. The loop ends after the answer.
  //~| response.status = wire::Status::kBadRequest;
  //~| return wire::Status::kBadRequest;
  member_->requests.fetch_add(1, std::memory_order_relaxed);
  // It may have been told that the server ends, or that we have died; then that is why.
  Why not_yet = Why::kNotYet;
  why_.compare_exchange_strong(not_yet, Why::kUnregistered);
  common_.registry.remove(member_->key);
  remove_channel();
  response.status = wire::Status::kOk;
  return wire::Status::kOk;
  //~ end
}

//~ begin step 4: The end of the thread. What a client's death needs comes with step 6.
void Worker::clear_up() {
  if (why_.load() == Why::kDied) {
    common_.log.warning({"client-died ", who_});
    common_.registry.remove(member_->key);
  }
  channel_.close();
  remove_channel();
}

// The seat last: as long as the channel has a name, it must be written there.
void Worker::remove_channel() {
  if (is_removed_) return;
  is_removed_ = true;
  channel_.remove();
  common_.connect.free_seat(seat_);
  common_.log.info({"comm-channel-removed ", who_, " name=", channel_name_});
}
//~ end

//~ begin step 5: A line each.
//~| void Worker::log_request(const Request& request) { (void)request; }
//~|
//~| void Worker::log_response(const Request& request, wire::Status status) {
//~|   (void)request;
//~|   (void)status;
//~| }
void Worker::log_request(const Request& request) {
  const char* action = action_text(request.action);
  if (request.action != wire::Action::kSend) {
    return common_.log.info({"request ", who_, " action=", action});
  }
  common_.log.info({"request ", who_, " action=", action, " to=", wire::key_text(request.to),
                    " bytes=", std::to_string(request.text_bytes)});
}

void Worker::log_response(const Request& request, wire::Status status) {
  common_.log.info({"response ", who_, " action=", action_text(request.action),
                    " status=", status_text(status)});
}
//~ end

}  // namespace registration
