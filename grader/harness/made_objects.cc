#include "grader/harness/made_objects.h"

#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <unistd.h>

#include <map>

namespace kit {
namespace {

// Unlinking tells whether it was there.
bool unlink_shm(const std::string& name) { return shm_unlink(name.c_str()) == 0; }
bool unlink_queue(const std::string& name) { return mq_unlink(name.c_str()) == 0; }
bool unlink_semaphore(const std::string& name) { return sem_unlink(name.c_str()) == 0; }

struct Kind {
  const char* words;
  bool (*unlink)(const std::string& name);
};

// By the name of the event.
const std::map<std::string, Kind>& kinds() {
  static const auto& kinds = *new std::map<std::string, Kind>{
      {"shm_open", {"the shared memory ", unlink_shm}},
      {"mq_open", {"the message queue ", unlink_queue}},
      {"sem_open", {"the semaphore ", unlink_semaphore}},
  };
  return kinds;
}

}  // namespace

std::vector<LeftObject> sweep_made_objects(const std::vector<WatchEvent>& events,
                                           const OwnCode& own) {
  std::vector<LeftObject> left;
  for (const WatchEvent& event : events) {
    const auto kind = kinds().find(event.name);
    if (kind == kinds().end() || !kind->second.unlink(event.what)) continue;
    left.push_back({kind->second.words + event.what, place_of_site(event.site, own)});
  }
  return left;
}

}  // namespace kit
