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
  // TODO(step 4): No thread may outlive the server, on whatever way it ends.
}

void Server::start() {
  // TODO(step 4): One thread serves the connect channel.
}

void Server::stop() noexcept {
  // TODO(step 4): First nobody comes in any more; then all are sent away; the connect channel goes
  // last, since it says what else there is.
}

// TODO(step 4): The connect channel's thread. That it watches over who lives belongs to step 6.

// TODO(step 6): Who dies while it is registered lets go of its presence, and says nothing.
void Server::end_workers_of_the_dead() {}

}  // namespace registration
