// What the processes of a check note down for it, and a point at which they meet.
//
// Thread-safety: any thread and any forked process; each place is written by one of them.
// Errors: Timeout.
#ifndef GRADER_REGISTRATION_SERVER_SHARED_NOTES_H_
#define GRADER_REGISTRATION_SERVER_SHARED_NOTES_H_

#include <sys/mman.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <new>
#include <system_error>

#include "grader/harness/deadline.h"
#include "grader/harness/peer_error.h"
#include "grader/harness/poll.h"

namespace kit::registration_lab {

template <int kPlaces>
class SharedNotes {
 public:
  SharedNotes() {
    void* memory =
        ::mmap(nullptr, sizeof(Memory), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
    memory_ = new (memory) Memory;
  }
  ~SharedNotes() { ::munmap(memory_, sizeof(Memory)); }
  SharedNotes(const SharedNotes&) = delete;
  SharedNotes& operator=(const SharedNotes&) = delete;

  void note(int place, std::uint64_t value) { memory_->places[place].store(value); }
  std::uint64_t at(int place) const { return memory_->places[place].load(); }

  // Waits until so many have come here, all times together.
  void meet(int count, Deadline deadline) {
    memory_->met.fetch_add(1);
    if (poll_until(deadline, [&] { return memory_->met.load() >= count; })) return;
    throw Timeout("the others have not come so far");
  }

 private:
  struct Memory {
    std::atomic<int> met{0};
    std::atomic<std::uint64_t> places[kPlaces]{};
  };
  Memory* memory_;
};

}  // namespace kit::registration_lab

#endif  // GRADER_REGISTRATION_SERVER_SHARED_NOTES_H_
