// A Server in one process, Clients in others: whatever there is, without programs and signals.
// Setup: "processes"; and the instance.
//
// A call begins with the name of who makes it, A to Z; each thread of a scenario uses one name.
//
// Of the server:
//   A.start MAX           "started"
//   A.await N             until N clients have left: "all have left"; or "not all have left"
//   A.stop                "left 2, here 0, requests 8", or how it does not add up
// Of a client:
//   B.enroll NAME         "ok", ...
//   B.send NAME TEXT      to who is listed under it: "ok", ...; "not listed"
//   B.receive             "ann: text", "empty"
//   B.unregister          "ok", ...
#include <time.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>

#include "client.h"
#include "grader/harness/probe.h"
#include "log.h"
#include "server.h"

namespace {

using registration::Client;
using registration::Outcome;
using registration::Server;
using support::Deadline;
namespace wire = registration::wire;

constexpr std::int64_t kLongMs = 60'000;

std::string name_of(const Client::Reply& reply) {
  static const char* const kNames[] = {"ok",       "name-taken",     "bad-name",
                                       "full",     "no-such-client", "mailbox-full",
                                       "too-long", "empty",          "bad-request"};
  if (reply.outcome == Outcome::kServerGone) return "server-gone";
  if (reply.outcome == Outcome::kNoAnswer) return "no-answer";
  const auto number = static_cast<std::uint32_t>(reply.status);
  return number >= 1 && number <= 9 ? kNames[number - 1] : "a status that there is not";
}

thread_local std::unique_ptr<registration::Log> t_log;
thread_local std::unique_ptr<Server> t_server;
thread_local std::unique_ptr<Client> t_client;

class LeavingAdapter : public kit::Adapter {
 public:
  explicit LeavingAdapter(const kit::Words& setup) : instance_(setup.at(1)) {}

  bool has_processes() const override { return true; }

  std::string call(const std::string& name, const kit::Words& args) override {
    const std::string what = name.substr(2);
    if (what == "start") return start(static_cast<std::uint32_t>(std::stoul(args.at(0))));
    if ((what == "await" || what == "stop") && t_server == nullptr) return "has no server";
    if (what == "await") return await(std::stoul(args.at(0)));
    if (what == "stop") return stop();
    if (what == "enroll") return enroll(args.at(0));
    if (t_client == nullptr) return "is not registered";
    if (what == "send") return send(args.at(0), args.at(1));
    if (what == "receive") return receive();
    if (what == "unregister") return unregister();
    throw kit::UnknownCall{name};
  }

 private:
  std::string start(std::uint32_t max_clients) {
    t_log = std::make_unique<registration::Log>("/dev/null");
    registration::ServerOptions options;
    options.instance = instance_;
    options.max_clients = max_clients;
    t_server = std::make_unique<Server>(options, *t_log);
    t_server->start();
    return "started";
  }

  static std::string await(std::uint64_t wanted) {
    constexpr int kLooks = 300;
    const timespec pause = {0, 10'000'000};
    for (int look = 0; look < kLooks; ++look) {
      if (t_server->summary().left_clients >= wanted) return "all have left";
      ::nanosleep(&pause, nullptr);
    }
    return "not all have left";
  }

  static std::string stop() {
    t_server->stop();
    const registration::Summary summary = t_server->summary();
    t_server.reset();
    t_log.reset();
    std::uint64_t sum = summary.left_requests + summary.refused_requests;
    for (const auto& client : summary.clients) sum += client.requests;
    if (sum != summary.total_requests) return "the total is not the sum";
    return "left " + std::to_string(summary.left_clients) + ", here " +
           std::to_string(summary.clients.size()) + ", requests " + std::to_string(sum);
  }

  std::string enroll(const std::string& name) {
    auto client = std::make_unique<Client>(instance_, Deadline::after_ms(kLongMs));
    const Client::Reply reply = client->enroll(name, Deadline::after_ms(kLongMs));
    if (reply.is_ok()) t_client = std::move(client);
    return name_of(reply);
  }

  static std::string send(const std::string& name, const std::string& text) {
    const Client::Reply listed = t_client->ask(wire::Action::kList, Deadline::after_ms(kLongMs));
    if (!listed.is_ok()) return name_of(listed);
    const wire::CommResponse& response = t_client->response();
    for (std::uint32_t i = 0; i < std::min<std::uint32_t>(response.listed, wire::kMaxClients);
         ++i) {
      if (name != response.entries[i].name) continue;
      return name_of(t_client->send(response.entries[i].key, text, Deadline::after_ms(kLongMs)));
    }
    return "not listed";
  }

  static std::string receive() {
    const Client::Reply reply = t_client->ask(wire::Action::kReceive, Deadline::after_ms(kLongMs));
    if (!reply.is_ok()) return name_of(reply);
    const wire::CommResponse& response = t_client->response();
    const std::size_t bytes = std::min<std::size_t>(response.text_bytes, sizeof response.text);
    return std::string(response.from_name) + ": " + std::string(response.text, bytes);
  }

  static std::string unregister() {
    const std::string result = name_of(t_client->unregister(Deadline::after_ms(kLongMs)));
    t_client.reset();
    return result;
  }

  const std::string instance_;
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words& setup) {
  return std::make_unique<LeavingAdapter>(setup);
}
