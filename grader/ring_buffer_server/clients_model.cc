#include "grader/ring_buffer_server/clients_model.h"

#include <algorithm>

namespace kit::ring_lab {

bool ClientsModel::apply(const Operation& operation) {
  if (!operation.completed) return true;
  const std::string who = operation.call.substr(0, 1);
  const std::string call = operation.call.substr(2);
  const std::string& result = operation.result;
  if (call == "come") return come(who, operation.args[0], result);
  const auto in = names_.find(who);
  if (in == names_.end()) return result == "(closed)";
  if (call == "set")
    return result == "OK " + ring_.result_of("push", {in->second, operation.args[0]});
  if (call == "get")
    return result == (operation.args[0] == "0" ? "ERR bad-argument"
                                               : ring_.result_of("latest", operation.args));
  names_.erase(in);
  return result == "BYE";
}

bool ClientsModel::come(const std::string& who, const std::string& name,
                        const std::string& result) {
  if (names_.count(who) > 0) return result == "(is in)";
  if (result == "DENIED full") return names_.size() == max_clients_;
  if (result == "DENIED name-taken") return is_taken(name);
  if (names_.size() == max_clients_ || is_taken(name)) return false;
  names_[who] = name;
  return result.rfind("WELCOME ", 0) == 0 && welcomes_.insert(result).second;
}

bool ClientsModel::is_taken(const std::string& name) const {
  return std::any_of(names_.begin(), names_.end(),
                     [&name](const auto& entry) { return entry.second == name; });
}

std::string ClientsModel::fingerprint() const {
  std::string in;
  for (const auto& [who, name] : names_) in += (in.empty() ? "" : ", ") + who + " as " + name;
  std::string welcomes;
  for (const std::string& welcome : welcomes_) welcomes += ", " + welcome + " was said";
  return "in: " + (in.empty() ? "nobody" : in) + welcomes + ", " + ring_.fingerprint();
}

}  // namespace kit::ring_lab
