#include "grader/harness/log_reader.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "grader/harness/probe_log.h"

namespace kit {
namespace {

// One thread's entries, copied out one by one: what is checked is what is used.
class Region {
 public:
  Region(const char* log, std::size_t threads, std::size_t thread)
      : next_(log + region_offset(threads, thread)), end_(next_ + region_bytes(threads)) {}

  bool take(LogEntry& entry, std::string& result) {
    if (next_ + sizeof(LogEntry) > end_) return false;
    std::memcpy(&entry, next_, sizeof entry);
    if (entry.state != EntryState::kBegun && entry.state != EntryState::kDone) return false;
    const std::size_t room = end_ - next_ - sizeof(LogEntry);
    if (entry.result_bytes > std::min(room, kMaxResultBytes)) return false;
    result.assign(next_ + sizeof entry, entry.state == EntryState::kDone ? entry.result_bytes : 0);
    next_ += sizeof entry + padded(entry.result_bytes);
    return true;
  }

 private:
  const char* next_;
  const char* end_;
};

}  // namespace

LogReader::LogReader() : fd_(memfd_create("kit-log", MFD_CLOEXEC)) {
  if (!fd_.valid() || ftruncate(fd_.get(), kLogBytes) != 0) {
    throw std::system_error(errno, std::generic_category(), "memory for the probe's log");
  }
  void* memory = mmap(nullptr, kLogBytes, PROT_READ, MAP_SHARED, fd_.get(), 0);
  if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
  memory_ = static_cast<const char*>(memory);
}

LogReader::~LogReader() { munmap(const_cast<char*>(memory_), kLogBytes); }

void LogReader::clear() {
  // A hole reads as zeros and costs only what was written.
  if (fallocate(fd_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, kLogBytes) != 0) {
    throw std::system_error(errno, std::generic_category(), "fallocate");
  }
}

int LogReader::rounds_done() const {
  LogHeader header;
  std::memcpy(&header, memory_, sizeof header);
  return static_cast<int>(header.rounds_done);
}

std::vector<History> LogReader::read(const Scenario& scenario, int rounds) const {
  std::vector<History> histories(rounds);
  const std::size_t threads = scenario.threads.size();
  for (std::size_t thread = 0; thread < threads; ++thread) {
    Region region(memory_, threads, thread);
    LogEntry entry;
    std::string result;
    while (region.take(entry, result)) {
      const std::vector<Call>& calls = scenario.threads[thread];
      if (entry.round >= histories.size() || entry.index >= calls.size()) break;
      histories[entry.round].push_back({static_cast<int>(thread), static_cast<int>(entry.index),
                                        calls[entry.index].name, calls[entry.index].args, result,
                                        entry.state == EntryState::kDone, entry.begin_ns,
                                        entry.end_ns});
    }
  }
  return histories;
}

}  // namespace kit
