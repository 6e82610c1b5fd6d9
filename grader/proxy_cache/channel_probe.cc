// Calls on both ends of a segment: a ChunkWriter and a ChunkReader. Setup: CONTENT_BYTES KIND, KIND
// being "threads" or "processes", which the scenario's threads are then. The content is bytes that
// follow from where they stand. Each end has the memory at an address of its own.
//
// The writer:
//   W.begin ANSWER LENGTH  ANSWER is found, missing or failed: "begun"
//   W.write BYTES          room(), and publish() so many, or all that there is room for: "3 bytes";
//                          or "no room"
//   W.write_all [PIECE]    until there is no more room, at most PIECE bytes at a time: "10 bytes"
//   W.finish               "finished"
//   W.wait_until_read      "read", or "the reader is dead"
//   W.take                 until the segment has been handed over by R.hand: "taken"
// The reader, who owns the segment:
//   R.header               "found 10", "missing 0", "failed 0", or "no header"
//   R.next                 "3 bytes", or "nothing"; or which byte is wrong
//   R.still                looks at the last chunk again: "as it was"; or which byte is wrong
//   R.release              "released"
//   R.read_all             next() and release() until there is nothing: "10 bytes, whole", or
//                          "3 bytes, cut"; or which byte is wrong
//   R.whole                "whole", or "cut"
//   R.finish               "finished"
//   R.hand                 fills the memory with something else, init(), and hands it over:
//                          "handed"
// Both:
//   X.patience N           the other one is dead for X after N more looks at it: "done"
//   X.slept                whether X slept between its looks at the other one, in its last call:
//                          "slept", or "did not sleep"
//   X.woken                whether X's last call ended without another look after the other one had
//                          published: "woken", or "found out by itself"
//   X.await                until the other one is known to wait in its call: "waits"; or
//                          "not known"
//   X.die                  the process is killed
//   guard                  whether the bytes around the memory are as they were: "untouched"
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <functional>
#include <new>
#include <optional>
#include <span>
#include <stdexcept>

#include "grader/harness/asleep.h"
#include "grader/harness/deadline.h"
#include "grader/harness/probe.h"
#include "shm_channel.h"

extern "C" bool kit_is_explored() __attribute__((weak));

namespace {

using proxy_cache::Answer;
using proxy_cache::ChunkReader;
using proxy_cache::ChunkWriter;
using proxy_cache::Header;
using proxy_cache::ShmChannel;

constexpr std::size_t kGuardBytes = 256;
constexpr char kGuard = 'g';

// Who has not begun after so many looks has died before that.
constexpr int kLooksBeforeBegun = 100;
constexpr int kExploredLooksBeforeBegun = 15;

bool is_explored() { return kit_is_explored != nullptr && kit_is_explored(); }

// The byte of the content at this place. Neighbours differ, also at the distance of any slot.
char byte_at(std::uint64_t at) {
  return static_cast<char>((at * 2654435761u + (at >> 8) * 40503u) >> 5);
}

std::string bytes_of(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " byte" : " bytes");
}

// What there is for each end beside the segment, in memory that both processes share.
struct End {
  pthread_mutex_t life;  // held for as long as it lives
  std::atomic<bool> has_begun{false};
  std::atomic<int> looks_before{0};  // at one that has not begun yet
  std::atomic<bool> is_dead{false};
  std::atomic<long> patience{-1};        // how often it may still be looked at; -1: for ever
  std::atomic<int> looks{0};             // so often it has been looked at ...
  std::atomic<int> looks_at_publish{0};  // ... when it published its last chunk
  std::atomic<pid_t> pid{0};
  std::atomic<bool> is_in_call{false};
};

struct Shared {
  End ends[2];
  sem_t handed;  // the segment, from the reader to the writer
};

void init_life(pthread_mutex_t& mutex) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&mutex, &attributes);
  pthread_mutexattr_destroy(&attributes);
}

// The other end, as the student's code asks for it.
class ProbePeer : public proxy_cache::Peer {
 public:
  ProbePeer(End& end, bool has_processes) : end_(end), has_processes_(has_processes) {}

  bool is_alive() const override {
    if (!is_explored()) ++end_.looks;
    if (end_.patience.load() >= 0 && end_.patience.fetch_sub(1) <= 0) end_.is_dead = true;
    if (!end_.is_dead.load() && has_processes_) look();
    return !end_.is_dead.load();
  }

 private:
  void look() const {
    const int limit = is_explored() ? kExploredLooksBeforeBegun : kLooksBeforeBegun;
    if (!end_.has_begun.load()) {
      if (end_.looks_before.fetch_add(1) >= limit) end_.is_dead = true;
      return;
    }
    // Its process holds this lock for as long as it lives.
    const int result = pthread_mutex_trylock(&end_.life);
    if (result == EBUSY) return;
    end_.is_dead = true;
    if (result == EOWNERDEAD) static_cast<void>(pthread_mutex_consistent(&end_.life));
    if (result == 0 || result == EOWNERDEAD) static_cast<void>(pthread_mutex_unlock(&end_.life));
  }

  End& end_;
  const bool has_processes_;
};

void* map_shared(std::size_t bytes, int fd) {
  const int flags = MAP_SHARED | (fd < 0 ? MAP_ANONYMOUS : 0);
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);
  if (memory == MAP_FAILED) throw kit::UnknownCall{"mmap"};
  return memory;
}

// The segment between its guards, at one address for each end.
class Memory {
 public:
  explicit Memory(std::size_t content)
      : bytes_(ShmChannel::memory_for(content)), all_(bytes_ + 2 * kGuardBytes) {
    fd_ = ::memfd_create("segment", MFD_CLOEXEC);
    if (fd_ < 0 || ::ftruncate(fd_, static_cast<off_t>(all_)) != 0)
      throw kit::UnknownCall{"memfd_create"};
    for (char*& view : views_) view = static_cast<char*>(map_shared(all_, fd_));
    std::memset(views_[0], kGuard, all_);
  }
  ~Memory() {
    for (char* view : views_) ::munmap(view, all_);
    ::close(fd_);
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  std::span<char> of(int end) const { return {views_[end] + kGuardBytes, bytes_}; }

  bool is_guarded() const {
    for (std::size_t i = 0; i < kGuardBytes; ++i) {
      if (views_[0][i] != kGuard || views_[0][kGuardBytes + bytes_ + i] != kGuard) return false;
    }
    return true;
  }

 private:
  const std::size_t bytes_;
  const std::size_t all_;
  int fd_ = -1;
  char* views_[2] = {};
};

enum { kWriter, kReader };

class ChannelAdapter : public kit::Adapter {
 public:
  ChannelAdapter(std::size_t content, bool has_processes)
      : has_processes_(has_processes),
        memory_(content),
        shared_(new (map_shared(sizeof(Shared), -1)) Shared),
        reader_peer_(shared_->ends[kReader], has_processes),
        writer_peer_(shared_->ends[kWriter], has_processes) {
    for (End& end : shared_->ends) init_life(end.life);
    if (::sem_init(&shared_->handed, 1, 0) != 0) throw kit::UnknownCall{"sem_init"};
    ShmChannel::init(memory_.of(kReader));
  }
  ~ChannelAdapter() override {
    // What a scenario leaves unfinished must not wait for the other end. (Of processes, each has
    // ended with its own.)
    if (!has_processes_) {
      for (End& end : shared_->ends) end.is_dead = true;
    }
    writer_.reset();
    reader_.reset();
    ::munmap(shared_, sizeof(Shared));
  }

  bool has_processes() const override { return has_processes_; }

  std::string call(const std::string& name, const kit::Words& args) override {
    if (name == "guard") return memory_.is_guarded() ? "untouched" : "overwritten";
    if (name.size() < 3 || name[1] != '.') throw kit::UnknownCall{name};
    const int self = name[0] == 'W' ? kWriter : kReader;
    const std::string what = name.substr(2);
    live(self);
    if (what == "patience") return set_patience(1 - self, std::stol(args.at(0)));
    if (what == "slept") return slept();
    if (what == "woken") return woken(shared_->ends[1 - self]);
    if (what == "await") return await(shared_->ends[1 - self]);
    if (what == "die") {
      ::kill(::getpid(), SIGKILL);
      for (;;) ::pause();
    }
    return watched(shared_->ends[self], shared_->ends[1 - self],
                   [&] { return self == kWriter ? write_call(what, args) : read_call(what); });
  }

 private:
  // From its first call on, a process holds the lock that says that it lives.
  void live(int self) {
    if (!has_processes_ || is_living_) return;
    is_living_ = true;
    End& end = shared_->ends[self];
    end.pid = ::getpid();
    static_cast<void>(pthread_mutex_lock(&end.life));
    end.has_begun = true;
  }

  static std::string watched(End& self, const End& other,
                             const std::function<std::string()>& call) {
    if (is_explored()) return call();
    const long sleeps = sleeps_so_far();
    const int looks = other.looks;
    self.is_in_call = true;
    std::string result = call();
    self.is_in_call = false;
    t_sleeps = sleeps_so_far() - sleeps;
    t_looks = other.looks - looks;
    return result;
  }

  // How often this thread has given its processor away by itself. Not how much time it has used:
  // on a busy machine, one that never sleeps gets little as well.
  static long sleeps_so_far() {
    rusage usage;
    if (::getrusage(RUSAGE_THREAD, &usage) != 0) throw kit::UnknownCall{"getrusage"};
    return usage.ru_nvcsw;
  }

  static std::string await(End& other) {
    const kit::Deadline limit = kit::Deadline::after_ms(kit::patience_ms());
    const auto waits = [&] { return other.is_in_call && kit::are_asleep(other.pid); };
    while (!(waits() && other.is_in_call)) {
      if (limit.expired()) t_has_given_up = true;
      if (t_has_given_up) return "not known";
      const timespec pause = {0, 200'000};
      static_cast<void>(::nanosleep(&pause, nullptr));
    }
    return "waits";
  }

  std::string write_call(const std::string& name, const kit::Words& args) {
    if (name == "take") {
      while (::sem_wait(&shared_->handed) != 0) {
      }
      writer_.reset();
      return "taken";
    }
    if (!writer_) {
      writer_.emplace(memory_.of(kWriter), reader_peer_);
      written_ = 0;
    }
    if (name == "begin") return begin(args);
    if (name == "write") return write(std::stoul(args.at(0)));
    if (name == "write_all") return write_all(args.empty() ? SIZE_MAX : std::stoul(args[0]));
    if (name == "finish") {
      writer_->finish();
      return "finished";
    }
    if (name == "wait_until_read")
      return writer_->wait_until_read() ? "read" : "the reader is dead";
    throw kit::UnknownCall{name};
  }

  std::string begin(const kit::Words& args) {
    const std::string& answer = args.at(0);
    writer_->begin({answer == "found"     ? Answer::kFound
                    : answer == "missing" ? Answer::kNotFound
                                          : Answer::kFailed,
                    std::stoul(args.at(1))});
    return "begun";
  }

  std::size_t write_chunk(std::size_t most) {
    const std::span<char> room = writer_->room();
    const std::size_t bytes = std::min(most, room.size());
    for (std::size_t i = 0; i < bytes; ++i) room[i] = byte_at(written_ + i);
    End& self = shared_->ends[kWriter];
    if (!is_explored()) self.looks_at_publish = self.looks.load();
    if (bytes > 0) writer_->publish(bytes);
    written_ += bytes;
    return bytes;
  }

  std::string write(std::size_t most) {
    const std::size_t bytes = write_chunk(most);
    return bytes == 0 ? "no room" : bytes_of(bytes);
  }

  std::string write_all(std::size_t piece) {
    std::uint64_t all = 0;
    while (const std::size_t bytes = write_chunk(piece)) all += bytes;
    return bytes_of(all);
  }

  std::string read_call(const std::string& name) {
    if (name == "hand") return hand();
    if (!reader_) {
      reader_.emplace(memory_.of(kReader), writer_peer_);
      read_ = 0;
    }
    if (name == "header") return header();
    if (name == "next") return next();
    if (name == "still") return wrong_in_chunk().value_or("as it was");
    if (name == "release") {
      reader_->release();
      return "released";
    }
    if (name == "read_all") return read_all();
    if (name == "whole") return reader_->is_whole() ? "whole" : "cut";
    if (name == "finish") {
      reader_->finish();
      return "finished";
    }
    throw kit::UnknownCall{name};
  }

  // As whoever owns a segment may do between two transfers.
  std::string hand() {
    reader_.reset();
    const std::span<char> memory = memory_.of(kReader);
    std::memset(memory.data(), 0xee, memory.size());
    ShmChannel::init(memory);
    return ::sem_post(&shared_->handed) == 0 ? "handed" : "sem_post failed";
  }

  std::string header() {
    const std::optional<Header> header = reader_->header();
    if (!header) return "no header";
    const std::string length = " " + std::to_string(header->length);
    switch (header->answer) {
      case Answer::kFound:
        return "found" + length;
      case Answer::kNotFound:
        return "missing" + length;
      case Answer::kFailed:
        return "failed" + length;
    }
    return "an answer that there is not, " + length;
  }

  std::string next() {
    chunk_ = reader_->next();
    if (chunk_.empty()) return "nothing";
    chunk_at_ = read_;
    read_ += chunk_.size();
    return wrong_in_chunk().value_or(bytes_of(chunk_.size()));
  }

  std::optional<std::string> wrong_in_chunk() const {
    for (std::size_t i = 0; i < chunk_.size(); ++i) {
      if (chunk_[i] != byte_at(chunk_at_ + i))
        return "byte " + std::to_string(chunk_at_ + i) + " is wrong";
    }
    return std::nullopt;
  }

  std::string read_all() {
    const std::uint64_t before = read_;
    for (;;) {
      const std::string result = next();
      if (result == "nothing") break;
      if (result.find("wrong") != std::string::npos) return result;
      // What was right when it came must be so for as long as we have it.
      if (const auto wrong = wrong_in_chunk()) return *wrong;
      reader_->release();
    }
    return bytes_of(read_ - before) + (reader_->is_whole() ? ", whole" : ", cut");
  }

  std::string set_patience(int other, long looks) {
    shared_->ends[other].patience = looks;
    return "done";
  }

  // Once before each look is right. Who looks once more than it waits has slept as well.
  static std::string slept() { return t_sleeps * 2 >= t_looks ? "slept" : "did not sleep"; }

  static std::string woken(const End& other) {
    return other.looks == other.looks_at_publish ? "woken" : "found out by itself";
  }

  static inline thread_local long t_sleeps = 0;
  static inline thread_local int t_looks = 0;
  static inline thread_local bool t_has_given_up = false;  // the next wait need not be as long

  const bool has_processes_;
  bool is_living_ = false;  // in each process its own
  const Memory memory_;
  Shared* const shared_;

  // The writer's. In a scenario of threads, only its thread touches them.
  const ProbePeer reader_peer_;
  std::optional<ChunkWriter> writer_;
  std::uint64_t written_ = 0;

  // The reader's.
  const ProbePeer writer_peer_;
  std::optional<ChunkReader> reader_;
  std::uint64_t read_ = 0;
  std::span<const char> chunk_;
  std::uint64_t chunk_at_ = 0;
};

}  // namespace

std::unique_ptr<kit::Adapter> kit::make_adapter(const kit::Words& setup) {
  return std::make_unique<ChannelAdapter>(std::stoul(setup.at(0)), setup.at(1) == "processes");
}
