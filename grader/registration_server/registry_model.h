// What a registry should do, in the simplest way there is: the model against which histories of the
// student's registry are judged. The calls are those of registry_probe.cc.
#ifndef GRADER_REGISTRATION_SERVER_REGISTRY_MODEL_H_
#define GRADER_REGISTRATION_SERVER_REGISTRY_MODEL_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "grader/harness/history.h"
#include "grader/harness/scenario.h"

namespace kit::registration_lab {

class RegistryModel {
 public:
  // The setup of the scenario.
  explicit RegistryModel(const Words& setup);

  // Carries the call out; false when it cannot return what it did.
  bool apply(const Operation& operation);

  std::string fingerprint() const;

 private:
  // Each registration is known by a number of its own.
  struct Entry {
    int number = 0;
    std::uint64_t requests = 1;
  };

  std::string result_of(const Operation& operation);
  std::string add(int thread, const std::string& name, bool has_seat);
  std::string remove(int thread, const std::string& name);
  std::string summary() const;
  // The entry for the key that a thread has for a name; nullptr when it is out.
  Entry* entry(int thread, const std::string& name);

  std::size_t max_clients_;
  std::map<std::string, Entry> entries_;
  std::map<std::pair<int, std::string>, int> known_;  // of a thread; -1: of all
  int last_ = 0;
  std::uint64_t left_ = 0;
  std::uint64_t left_requests_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace kit::registration_lab

#endif  // GRADER_REGISTRATION_SERVER_REGISTRY_MODEL_H_
