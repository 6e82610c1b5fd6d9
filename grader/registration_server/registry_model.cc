#include "grader/registration_server/registry_model.h"

#include <stdexcept>

namespace kit::registration_lab {
namespace {

constexpr int kAll = -1;
constexpr char kLetters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

bool is_name(const std::string& name) {
  return !name.empty() && name.size() <= 32 && name.find_first_not_of(kLetters) == name.npos;
}

}  // namespace

RegistryModel::RegistryModel(const Words& setup) : max_clients_(std::stoul(setup.at(0))) {
  for (std::size_t i = 1; i < setup.size(); ++i) add(kAll, setup[i], true);
}

bool RegistryModel::apply(const Operation& operation) {
  const std::string result = result_of(operation);
  return !operation.completed || result == operation.result;
}

std::string RegistryModel::result_of(const Operation& operation) {
  const int thread = operation.thread;
  const std::string name = operation.args.empty() ? "" : operation.args[0];
  if (operation.call == "add" || operation.call == "add_seatless")
    return add(thread, name, operation.call == "add");
  if (operation.call == "find") return entry(thread, name) == nullptr ? "nobody" : name;
  if (operation.call == "remove") return remove(thread, name);
  if (operation.call == "summary") return summary();
  if (operation.call == "refuse") return ++refused_, "counted";
  if (operation.call == "count") {
    Entry* found = entry(thread, name);
    if (found == nullptr) return "nobody";
    found->requests += std::stoul(operation.args.at(1));
    return "counted";
  }
  throw std::logic_error("the model has no call " + operation.call);
}

std::string RegistryModel::add(int thread, const std::string& name, bool has_seat) {
  if (!is_name(name)) return "bad-name";
  if (entries_.count(name) != 0) return "name-taken";
  if (!has_seat || entries_.size() >= max_clients_) return "full";
  entries_[name].number = ++last_;
  known_[{thread, name}] = last_;
  return "ok";
}

std::string RegistryModel::remove(int thread, const std::string& name) {
  const Entry* found = entry(thread, name);
  if (found == nullptr) return "no";
  ++left_;
  left_requests_ += found->requests;
  entries_.erase(name);
  return "yes";
}

RegistryModel::Entry* RegistryModel::entry(int thread, const std::string& name) {
  auto known = known_.find({thread, name});
  if (known == known_.end()) known = known_.find({kAll, name});
  const auto found = entries_.find(name);
  if (known == known_.end() || found == entries_.end()) return nullptr;
  return found->second.number == known->second ? &found->second : nullptr;
}

std::string RegistryModel::summary() const {
  std::string text;
  std::uint64_t total = left_requests_ + refused_;
  for (const auto& [name, entry] : entries_) {
    text += name + "=" + std::to_string(entry.requests) + " ";
    total += entry.requests;
  }
  return text + "; left " + std::to_string(left_) + " with " + std::to_string(left_requests_) +
         "; refused " + std::to_string(refused_) + "; total " + std::to_string(total);
}

std::string RegistryModel::fingerprint() const {
  std::string text = summary();
  for (const auto& [name, entry] : entries_) text += " #" + std::to_string(entry.number);
  return text;
}

}  // namespace kit::registration_lab
