#include "registry.h"

#include <utility>

namespace registration {

Registry::Added Registry::add(std::string_view name, bool has_seat) {
  //~ begin step 2: Check, make a key, and write it down, with nobody in between.
  //~| (void)name;
  //~| (void)has_seat;
  //~| return {wire::Status::kFull, nullptr};
  if (!is_name(name)) return {wire::Status::kBadName, nullptr};
  std::lock_guard lock(mutex_);
  if (by_name_.find(name) != by_name_.end()) return {wire::Status::kNameTaken, nullptr};
  if (!has_seat || by_key_.size() >= max_clients_) return {wire::Status::kFull, nullptr};
  auto member = std::make_shared<Member>(std::string(name), keys_.next());
  by_key_.emplace(member->key, member);
  by_name_.emplace(member->name, member);
  return {wire::Status::kOk, std::move(member)};
  //~ end
}

std::shared_ptr<Member> Registry::find(wire::Key key) const {
  //~ begin step 2: Who has this key.
  //~| (void)key;
  //~| return nullptr;
  std::lock_guard lock(mutex_);
  auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : found->second;
  //~ end
}

bool Registry::remove(wire::Key key) {
  //~ begin step 2: From all places where it is written; and keep the sums.
  //~| (void)key;
  //~| return false;
  std::lock_guard lock(mutex_);
  auto found = by_key_.find(key);
  if (found == by_key_.end()) return false;
  ++left_clients_;
  left_requests_ += found->second->requests.load(std::memory_order_relaxed);
  by_name_.erase(found->second->name);
  by_key_.erase(found);
  return true;
  //~ end
}

void Registry::count_refused() {
  //~ begin step 2: One more.
  std::lock_guard lock(mutex_);
  ++refused_requests_;
  //~ end
}

Summary Registry::summary() const {
  //~ begin step 2: All of it from one moment, and the total from what is shown.
  //~| return {};
  Summary summary;
  std::lock_guard lock(mutex_);
  summary.left_clients = left_clients_;
  summary.left_requests = left_requests_;
  summary.refused_requests = refused_requests_;
  summary.total_requests = left_requests_ + refused_requests_;
  for (const auto& [name, member] : by_name_) {
    std::uint64_t requests = member->requests.load(std::memory_order_relaxed);
    summary.clients.push_back({name, member->key, requests});
    summary.total_requests += requests;
  }
  return summary;
  //~ end
}

}  // namespace registration
