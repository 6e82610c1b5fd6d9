// What clients of one server may be told: the model against which histories of clients_probe.cc are
// judged. Names and seats are taken and given back in one step each, and so is each change of the
// ring.
#ifndef GRADER_RING_BUFFER_SERVER_CLIENTS_MODEL_H_
#define GRADER_RING_BUFFER_SERVER_CLIENTS_MODEL_H_

#include <cstddef>
#include <map>
#include <set>
#include <string>

#include "grader/harness/history.h"
#include "grader/ring_buffer_server/ring_model.h"

namespace kit::ring_lab {

class ClientsModel {
 public:
  // As the probe makes them.
  static constexpr std::uint64_t kCapacity = 3;

  explicit ClientsModel(std::size_t max_clients) : max_clients_(max_clients) {}

  bool apply(const Operation& operation);
  std::string fingerprint() const;

 private:
  bool come(const std::string& who, const std::string& name, const std::string& result);
  bool is_taken(const std::string& name) const;

  std::size_t max_clients_;
  RingModel ring_{kCapacity};
  std::map<std::string, std::string> names_;  // of those who are in: the client to its name
  std::set<std::string> welcomes_;            // each has another number
};

}  // namespace kit::ring_lab

#endif  // GRADER_RING_BUFFER_SERVER_CLIENTS_MODEL_H_
