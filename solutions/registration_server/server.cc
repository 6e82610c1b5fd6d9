#include "server.h"

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <utility>

#include "stale.h"
#include "texts.h"

namespace registration {

using support::Deadline;

namespace {

// The instance's name, which is free now if no living server has it.
const std::string& take_over(const std::string& instance, Log& log) {
  Removal removal = remove_stale(instance);
  if (removal == Removal::kRemoved) {
    log.warning({"stale-channel-removed name=", wire::connect_object_name(instance)});
  }
  return instance;
}

}  // namespace

Server::Server(const ServerOptions& options, Log& log)
    : options_(options),
      log_(log),
      registry_(options.max_clients),
      connect_(take_over(options.instance, log), options.max_clients) {
  log_.info({"connect-channel-created name=", wire::connect_object_name(options_.instance),
             " max-clients=", std::to_string(options_.max_clients)});
}

Server::~Server() {
  //~ begin step 4: No thread may outlive the server, on whatever way it ends.
  stop();
  //~ end
}

void Server::start() {
  //~ begin step 4: One thread serves the connect channel.
  thread_ = std::thread(&Server::run, this);
  //~ end
}

void Server::stop() noexcept {
  //~ begin step 4: First nobody comes in any more; then all are sent away; the connect channel goes
  //~   last, since it says what else there is.
  if (is_stopped_) return;
  is_stopped_ = true;
  connect_.close();
  if (thread_.joinable()) thread_.join();
  log_.info({"server-ends clients=", std::to_string(workers_.size())});
  for (Worker& worker : workers_) worker.end(Worker::Why::kServerEnds);
  workers_.clear();
  connect_.remove();
  log_.info({"connect-channel-removed name=", wire::connect_object_name(options_.instance)});
  //~ end
}

//~ begin step 4: The connect channel's thread. That it watches over who lives belongs to step 6.
void Server::run() {
  Deadline look = Deadline::after_ms(kDeathCheckMs);
  while (!connect_.is_closed()) {
    connect_.serve_one([this](const ConnectServer::Request& request) { return enroll(request); },
                       workers_.empty() ? Deadline::never() : look);
    join_ended();
    if (!look.has_passed()) continue;
    end_workers_of_the_dead();
    look = Deadline::after_ms(kDeathCheckMs);
  }
}

ConnectServer::Answer Server::enroll(const ConnectServer::Request& request) {
  const std::string name = Log::value(request.name);
  const char* action = action_text(request.action);
  log_.info({"request action=", action, " name=", name});
  ConnectServer::Answer answer = decide(request);
  bool is_ok = answer.status == wire::Status::kOk;
  log_.info({"response action=", action, " name=", name, " status=", status_text(answer.status),
             is_ok ? " key=" : "", is_ok ? wire::key_text(answer.key) : ""});
  return answer;
}

ConnectServer::Answer Server::decide(const ConnectServer::Request& request) {
  Registry::Added added = add(request);
  // A dead client's name and seat are had by the first who wants them, however short ago it died.
  if (added.status == wire::Status::kNameTaken || added.status == wire::Status::kFull) {
    end_workers_of_the_dead();
    added = add(request);
  }
  if (added.status == wire::Status::kOk) return start_worker(added.member, request.seat);
  registry_.count_refused();
  return {added.status};
}

// Nothing in the request can be relied upon.
Registry::Added Server::add(const ConnectServer::Request& request) {
  bool has_seat = request.seat != wire::kNoSeat;
  bool is_register = request.action == wire::Action::kRegister;
  if (!is_register || (has_seat && !connect_.is_free(request.seat))) {
    return {wire::Status::kBadRequest, nullptr};
  }
  // Only the beginning of it has come.
  if (request.name_bytes > wire::kMaxNameBytes) return {wire::Status::kBadName, nullptr};
  return registry_.add(request.name, has_seat);
}

ConnectServer::Answer Server::start_worker(std::shared_ptr<Member> member, std::uint32_t seat) {
  const wire::Key key = member->key;
  const std::string channel_name = wire::comm_object_name(options_.instance, key);
  try {
    connect_.take_seat(seat, member->name, key, channel_name);
    workers_.emplace_back(Worker::Common{registry_, connect_, log_}, std::move(member), seat,
                          channel_name, [this] { connect_.wake(); });
    return {wire::Status::kOk, key};
  } catch (const std::exception& error) {
    // No memory, no descriptor, or no thread to be had. It passes when others leave.
    log_.error({"error cannot-take-a-client what=", Log::value(error.what())});
    connect_.free_seat(seat);
    registry_.remove(key);
    return {wire::Status::kFull};
  }
}

// Joins the threads that have nothing left to do. One that is not joined keeps its stack.
void Server::join_ended() {
  std::erase_if(workers_, [](const Worker& worker) { return worker.has_ended(); });
}
//~ end

//~ begin step 6: Who dies while it is registered lets go of its presence, and says nothing.
//~| void Server::end_workers_of_the_dead() {}
void Server::end_workers_of_the_dead() {
  std::erase_if(workers_, [this](Worker& worker) {
    // One that has unregistered has let go, too, and its seat may be somebody else's by now.
    if (worker.is_ending() || connect_.is_present(worker.seat())) return false;
    worker.end(Worker::Why::kDied);
    return true;  // the destructor waits until all is cleared up
  });
}
//~ end

}  // namespace registration
