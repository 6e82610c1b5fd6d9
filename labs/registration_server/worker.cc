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
  // TODO(step 4): No thread may outlive what it uses.
  thread_.join();
}

void Worker::end(Why why) noexcept {
  // TODO(step 4): Say why, unless it is said already, and wake the thread.
  (void)why;
}

// TODO(step 4): The thread.
void Worker::run() {}

wire::Status Worker::unregister(wire::CommResponse& response) {
  // TODO(step 6): All is removed before the client is told so. The loop ends after the answer.
  response.status = wire::Status::kBadRequest;
  return wire::Status::kBadRequest;
}

// TODO(step 4): The end of the thread. What a client's death needs comes with step 6.

// TODO(step 5): A line each.
void Worker::log_request(const Request& request) { (void)request; }

void Worker::log_response(const Request& request, wire::Status status) {
  (void)request;
  (void)status;
}

}  // namespace registration
