// Calls on one Registry, and on what keys.h has. Setup: the most clients, then the names of those
// who are in it from the start.
//
//   add NAME, add_seatless NAME   "ok", "bad-name", "name-taken", "full"; or what is wrong with it
//   find NAME             by the key that this thread, or the start, has got for the name: "NAME",
//                         "nobody"
//   remove NAME           likewise: "yes", "no"
//   find_key HEX          the name of who has this key
//   count NAME N          N requests of it are answered: "counted"
//   refuse                "counted"
//   summary               "a=1 b=2; left 1 with 3; refused 2; total 8", or how it does not add up
//   hold NAME, held       a member is kept by the caller; what it is, whatever became of it
//   is_name TEXT, parse TEXT   "yes", "no"; the key, or "no key"
//   keys N                what a KeyMaker gives: "all different", "twice the same"
//   makers                whether two of them begin differently: "yes", "no"
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "grader/harness/probe.h"
#include "keys.h"
#include "registry.h"

namespace {

using registration::Member;
using registration::Registry;
namespace wire = registration::wire;

const char* name_of(wire::Status status) {
  switch (status) {
    case wire::Status::kOk:
      return "ok";
    case wire::Status::kNameTaken:
      return "name-taken";
    case wire::Status::kBadName:
      return "bad-name";
    case wire::Status::kFull:
      return "full";
    default:
      return "a status that add() does not have";
  }
}

thread_local std::map<std::string, wire::Key> t_keys;
thread_local std::shared_ptr<Member> t_held;

class RegistryAdapter : public kit::Adapter {
 public:
  explicit RegistryAdapter(const kit::Words& setup) : registry_(std::stoul(setup.at(0))) {
    t_keys.clear();
    for (std::size_t i = 1; i < setup.size(); ++i) {
      const Registry::Added added = registry_.add(setup[i], true);
      if (added.member != nullptr) first_keys_[setup[i]] = added.member->key;
    }
  }

  std::string call(const std::string& name, const kit::Words& args) override {
    if (name == "add") return add(args.at(0), true);
    if (name == "add_seatless") return add(args.at(0), false);
    if (name == "find") return show(registry_.find(key_of(args.at(0))).get());
    if (name == "find_key") return show(registry_.find(std::stoull(args.at(0), nullptr, 16)).get());
    if (name == "remove") return registry_.remove(key_of(args.at(0))) ? "yes" : "no";
    if (name == "count") return count(args.at(0), std::stoi(args.at(1)));
    if (name == "refuse") return registry_.count_refused(), "counted";
    if (name == "summary") return summary();
    if (name == "hold") return t_held = registry_.find(key_of(args.at(0))), show(t_held.get());
    if (name == "held") return held();
    if (name == "is_name") return registration::is_name(args.at(0)) ? "yes" : "no";
    if (name == "parse") return parse(args.at(0));
    if (name == "keys") return keys(std::stoul(args.at(0)));
    if (name == "makers") {
      return registration::KeyMaker().next() != registration::KeyMaker().next() ? "yes" : "no";
    }
    throw kit::UnknownCall{name};
  }

 private:
  std::string add(const std::string& name, bool has_seat) {
    const Registry::Added added = registry_.add(name, has_seat);
    if (added.status != wire::Status::kOk) {
      return added.member == nullptr ? name_of(added.status) : "refused, and there is a member";
    }
    if (added.member == nullptr) return "ok, and there is no member";
    if (added.member->key == wire::kNoKey) return "ok, with the key that is nobody's";
    if (added.member->name != name) return "ok, under the name " + added.member->name;
    t_keys[name] = added.member->key;
    return "ok";
  }

  wire::Key key_of(const std::string& name) const {
    const auto own = t_keys.find(name);
    if (own != t_keys.end()) return own->second;
    const auto first = first_keys_.find(name);
    return first == first_keys_.end() ? wire::kNoKey : first->second;
  }

  static std::string show(const Member* member) {
    return member == nullptr ? "nobody" : member->name;
  }

  std::string count(const std::string& name, int times) {
    const std::shared_ptr<Member> member = registry_.find(key_of(name));
    if (member == nullptr) return "nobody";
    for (int i = 0; i < times; ++i) member->requests.fetch_add(1);
    return "counted";
  }

  std::string summary() const {
    const registration::Summary summary = registry_.summary();
    std::string text;
    std::uint64_t sum = summary.left_requests + summary.refused_requests;
    for (const auto& client : summary.clients) {
      text += client.name + "=" + std::to_string(client.requests) + " ";
      sum += client.requests;
    }
    if (sum != summary.total_requests) {
      return "the sum is " + std::to_string(sum) + ", the total " +
             std::to_string(summary.total_requests);
    }
    return text + "; left " + std::to_string(summary.left_clients) + " with " +
           std::to_string(summary.left_requests) + "; refused " +
           std::to_string(summary.refused_requests) + "; total " +
           std::to_string(summary.total_requests);
  }

  static std::string held() {
    return t_held == nullptr ? "nobody"
                             : t_held->name + " with " + std::to_string(t_held->requests.load());
  }

  static std::string parse(const std::string& text) {
    const wire::Key key = registration::parse_key(text);
    return key == wire::kNoKey ? "no key" : wire::key_text(key);
  }

  static std::string keys(std::size_t count) {
    registration::KeyMaker maker;
    std::vector<wire::Key> keys;
    keys.reserve(count);
    for (std::size_t i = 0; i < count; ++i) keys.push_back(maker.next());
    std::sort(keys.begin(), keys.end());
    if (keys.front() == wire::kNoKey) return "one that is nobody's";
    const bool is_twice = std::adjacent_find(keys.begin(), keys.end()) != keys.end();
    return is_twice ? "twice the same" : "all different";
  }

  Registry registry_;
  std::map<std::string, wire::Key> first_keys_;
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words& setup) {
  return std::make_unique<RegistryAdapter>(setup);
}
