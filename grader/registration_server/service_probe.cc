// Calls on an Inbox, and on a Service whose clients are there from the start. Setup: how many
// messages ("m1", "m2", ...) are in the inbox at first, then the names of the clients.
//
//   put TEXT              "put", "full";  take: "m1", "empty";  size: "3"
//   send FROM TO TEXT     "ok", "no-such-client", ...; TO may be "nobody" or "gone", who has left
//   send_many FROM TO TEXT N   what came of the last one: "ok"
//   send_bytes FROM BYTES LETTER    to itself, with this length in the request, whatever it is
//   receive WHO           "ann: text", "empty"; the text short: "a*1024" for a letter that many
//   times ask WHO ACTION        "bad-request", ... stats WHO             "requests 3, clients 2,
//   waiting 1"
#include <algorithm>
#include <cstring>
#include <map>
#include <memory>

#include "grader/harness/probe.h"
#include "inbox.h"
#include "service.h"

namespace {

using registration::Inbox;
using registration::Member;
namespace wire = registration::wire;

const char* name_of(wire::Status status) {
  static const char* const kNames[] = {"ok",       "name-taken",     "bad-name",
                                       "full",     "no-such-client", "mailbox-full",
                                       "too-long", "empty",          "bad-request"};
  const auto number = static_cast<std::uint32_t>(status);
  return number >= 1 && number <= 9 ? kNames[number - 1] : "a status that there is not";
}

std::string show(const std::string& text) {
  const bool is_run = text.size() > 8 && text.find_first_not_of(text[0]) == std::string::npos;
  return is_run ? text.substr(0, 1) + "*" + std::to_string(text.size()) : text;
}

class ServiceAdapter : public kit::Adapter {
 public:
  explicit ServiceAdapter(const kit::Words& setup) {
    for (int i = 1; i <= std::stoi(setup.at(0)); ++i) {
      if (!inbox_.put({1, "somebody", "m" + std::to_string(i)})) break;
    }
    for (std::size_t i = 1; i < setup.size(); ++i) {
      // Without a registry that works, the service is to be looked at all the same.
      std::shared_ptr<Member> member = registry_.add(setup[i], true).member;
      members_[setup[i]] = member ? member : std::make_shared<Member>(setup[i], i);
    }
    if (members_.count("gone") != 0) registry_.remove(members_["gone"]->key);
  }

  std::string call(const std::string& name, const kit::Words& args) override {
    if (name == "put") return inbox_.put({1, "somebody", args.at(0)}) ? "put" : "full";
    if (name == "take") {
      const std::optional<registration::Message> message = inbox_.take();
      return message ? message->text : "empty";
    }
    if (name == "size") return std::to_string(inbox_.size());
    if (name == "send") return send(args.at(0), args.at(1), args.at(2));
    if (name == "send_many") {
      for (int i = 1; i < std::stoi(args.at(3)); ++i) send(args.at(0), args.at(1), args.at(2));
      return send(args.at(0), args.at(1), args.at(2));
    }
    if (name == "send_bytes") return send_bytes(args);
    if (name == "receive") return receive(args.at(0));
    if (name == "ask") return ask(args.at(0), static_cast<wire::Action>(std::stoul(args.at(1))));
    if (name == "stats") return stats(args.at(0));
    throw kit::UnknownCall{name};
  }

 private:
  // Of its own, for each thread: as on channels.
  static wire::CommResponse& response() {
    static thread_local const auto memory = std::make_unique<wire::CommResponse>();
    return *memory;
  }

  std::string carry_out(const std::string& who, const registration::Request& request) {
    response().status = {};
    service_.carry_out(*members_.at(who), request, response());
    return name_of(response().status);
  }

  std::string send(const std::string& from, const std::string& to, const std::string& text) {
    const auto request = std::make_unique<registration::Request>();
    request->action = wire::Action::kSend;
    const auto receiver = members_.find(to);
    request->to = receiver == members_.end() ? 0x1234 : receiver->second->key;
    request->text_bytes = static_cast<std::uint32_t>(text.size());
    std::memcpy(request->text.data(), text.data(), std::min(text.size(), request->text.size()));
    return carry_out(from, *request);
  }

  std::string send_bytes(const kit::Words& args) {
    const auto request = std::make_unique<registration::Request>();
    request->action = wire::Action::kSend;
    request->to = members_.at(args.at(0))->key;
    request->text_bytes = static_cast<std::uint32_t>(std::stoul(args.at(1)));
    request->text.fill(args.at(2).at(0));
    return carry_out(args.at(0), *request);
  }

  std::string ask(const std::string& who, wire::Action action) {
    const auto request = std::make_unique<registration::Request>();
    request->action = action;
    return carry_out(who, *request);
  }

  std::string receive(const std::string& who) {
    std::string status = ask(who, wire::Action::kReceive);
    if (status != "ok") return status;
    if (response().text_bytes > wire::kMaxTextBytes) return "a message longer than can be";
    const std::string name(response().from_name, ::strnlen(response().from_name, 33));
    const auto sender = members_.find(name);
    if (sender == members_.end() || sender->second->key != response().from)
      return "a message of " + name + " with the key of somebody else";
    return name + ": " + show(std::string(response().text, response().text_bytes));
  }

  std::string stats(const std::string& who) {
    const std::string status = ask(who, wire::Action::kStats);
    if (status != "ok") return status;
    const wire::Stats& stats = response().stats;
    return "requests " + std::to_string(stats.requests) + ", clients " +
           std::to_string(stats.clients) + ", waiting " + std::to_string(stats.waiting);
  }

  Inbox inbox_;
  registration::Registry registry_{64};
  registration::Service service_{registry_};
  std::map<std::string, std::shared_ptr<Member>> members_;
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words& setup) {
  return std::make_unique<ServiceAdapter>(setup);
}
