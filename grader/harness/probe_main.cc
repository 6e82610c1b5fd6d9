// main() of every probe; see probe.h. Compiled with the subject, in its mode.
#include <cxxabi.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>
#include <thread>
#include <typeinfo>

#include "grader/harness/deadline.h"
#include "grader/harness/probe.h"
#include "grader/harness/probe_log.h"

// Defined where the schedule explorer's runtime is linked in.
extern "C" bool kit_is_explored() __attribute__((weak));
extern "C" void kit_name_thread(const char* name) __attribute__((weak));

namespace kit {
namespace {

// Keeps the calls of the object under test between the two times: neither the compiler nor the
// processor may move them past. It orders this thread only, and TSan does not see it.
void fence() {
#if defined(__x86_64__)
  asm volatile("mfence\n\tlfence" ::: "memory");
#else
  asm volatile("dsb sy\n\tisb" ::: "memory");
#endif
}

std::string read_all(int fd) {
  std::string text;
  char buffer[4096];
  ssize_t got = 0;
  while ((got = read(fd, buffer, sizeof buffer)) > 0) text.append(buffer, got);
  if (got < 0) throw std::invalid_argument("cannot read the scenario from standard input");
  return text;
}

std::string describe(const std::exception& error) {
  int status = 0;
  char* name = abi::__cxa_demangle(typeid(error).name(), nullptr, nullptr, &status);
  std::string text = std::string("threw ") + (status == 0 ? name : typeid(error).name());
  std::free(name);
  return text + ": " + error.what();
}

std::string result_of(Adapter& adapter, const Call& call) {
  try {
    return adapter.call(call.name, call.args);
  } catch (const std::exception& error) {
    return describe(error);
  }
}

// One thread's part of the log.
class Recorder {
 public:
  Recorder(char* log, std::size_t threads, std::size_t thread)
      : next_(log + region_offset(threads, thread)), end_(next_ + region_bytes(threads)) {}

  void record(std::uint32_t round, std::uint32_t index, Adapter& adapter, const Call& call) {
    if (next_ + sizeof(LogEntry) + kMaxResultBytes > end_)
      return;  // the driver sees what is missing
    auto* entry = new (next_) LogEntry{EntryState::kBegun, round, index, 0, monotonic_ns(), 0};
    fence();
    std::string result = result_of(adapter, call);
    fence();
    entry->end_ns = monotonic_ns();
    if (result.size() > kMaxResultBytes) result.resize(kMaxResultBytes);
    std::memcpy(next_ + sizeof(LogEntry), result.data(), result.size());
    entry->result_bytes = static_cast<std::uint32_t>(result.size());
    entry->state = EntryState::kDone;
    next_ += sizeof(LogEntry) + padded(result.size());
  }

  // Moves behind what another process has recorded.
  void follow(std::uint32_t round) {
    while (next_ + sizeof(LogEntry) <= end_) {
      const auto* entry = reinterpret_cast<const LogEntry*>(next_);
      if (entry->state == EntryState::kNone || entry->round != round) return;
      next_ += sizeof(LogEntry) + padded(entry->result_bytes);
    }
  }

 private:
  char* next_;
  char* end_;
};

// The picture of an interleaving calls the threads what the scenario calls them.
void name_thread(std::size_t number) {
  if (kit_name_thread != nullptr) kit_name_thread(("thread " + std::to_string(number)).c_str());
}

void run_thread(const std::vector<Call>& calls, std::uint32_t round, Adapter& adapter,
                Recorder& recorder) {
  for (std::uint32_t i = 0; i < calls.size(); ++i) recorder.record(round, i, adapter, calls[i]);
}

// All threads at once: each waits until the last one is there. This orders only what comes before
// the first call.
void run_threads(const Scenario& scenario, std::uint32_t round, Adapter& adapter,
                 std::vector<Recorder>& recorders) {
  std::atomic<std::size_t> missing = scenario.threads.size();
  std::vector<std::thread> threads;
  // The explorer tries all orders of their beginnings; to wait for each other would only be steps.
  const bool waits = kit_is_explored == nullptr || !kit_is_explored();
  for (std::size_t i = 0; i < scenario.threads.size(); ++i) {
    threads.emplace_back([&, i] {
      name_thread(i);
      if (waits) missing.fetch_sub(1);
      while (waits && missing.load() != 0) std::this_thread::yield();
      run_thread(scenario.threads[i], round, adapter, recorders[i]);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// Like run_threads(), for processes: what they wait at lies in shared memory.
class StartingLine {
 public:
  explicit StartingLine(std::size_t count)
      : memory_(mmap(nullptr, sizeof(Missing), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                     -1, 0)) {
    if (memory_ == MAP_FAILED) throw std::invalid_argument("no memory for the starting line");
    new (memory_) Missing(count);
  }
  ~StartingLine() { munmap(memory_, sizeof(Missing)); }
  StartingLine(const StartingLine&) = delete;
  StartingLine& operator=(const StartingLine&) = delete;

  void wait() {
    if (kit_is_explored != nullptr && kit_is_explored()) return;
    auto* missing = static_cast<Missing*>(memory_);
    missing->fetch_sub(1);
    while (missing->load() != 0) std::this_thread::yield();
  }

 private:
  using Missing = std::atomic<std::size_t>;
  void* memory_;
};

[[noreturn]] void run_child(const std::vector<Call>& calls, std::uint32_t round, Adapter& adapter,
                            Recorder& recorder, StartingLine& line) {
  int status = 0;
  try {
    line.wait();
    run_thread(calls, round, adapter, recorder);
  } catch (const UnknownCall& error) {
    std::fprintf(stderr, "probe: no such call: %s\n", error.name.c_str());
    status = kProbeFault;
  }
  _exit(status);
}

// The parent ends as badly as its child did, if that was not as the scenario wanted it.
void wait_for_child(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) throw std::invalid_argument("a process of the scenario is lost");
  }
  if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL) _exit(1);
  if (WIFEXITED(status) && WEXITSTATUS(status) != 0) _exit(WEXITSTATUS(status));
}

void run_processes(const Scenario& scenario, std::uint32_t round, Adapter& adapter,
                   std::vector<Recorder>& recorders) {
  StartingLine line(scenario.threads.size());
  std::vector<pid_t> children;
  for (std::size_t i = 0; i < scenario.threads.size(); ++i) {
    children.push_back(fork());
    if (children.back() == 0) {
      name_thread(i);
      run_child(scenario.threads[i], round, adapter, recorders[i], line);
    }
    if (children.back() < 0) throw std::invalid_argument("fork() failed");
  }
  for (const pid_t child : children) wait_for_child(child);
  for (Recorder& recorder : recorders) recorder.follow(round);
}

// What the constructor of the object under test throws is told, and ends the probe, as it would end
// any program.
std::unique_ptr<Adapter> adapter_for(const Words& setup) {
  try {
    return make_adapter(setup);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "making the object %s\n", describe(error).c_str());
    std::abort();
  }
}

void run(const RepeatedScenario& what, char* log) {
  auto* header = reinterpret_cast<LogHeader*>(log);
  const Scenario& scenario = what.scenario;
  std::vector<Recorder> recorders;
  for (std::size_t i = 0; i < scenario.threads.size(); ++i) {
    recorders.emplace_back(log, scenario.threads.size(), i);
  }
  for (int round = 0; round < what.repeat; ++round) {
    const std::unique_ptr<Adapter> adapter = adapter_for(scenario.setup);
    if (adapter->has_processes()) {
      run_processes(scenario, round, *adapter, recorders);
    } else if (scenario.threads.size() == 1) {
      run_thread(scenario.threads[0], round, *adapter, recorders[0]);
    } else {
      run_threads(scenario, round, *adapter, recorders);
    }
    header->rounds_done = round + 1;
  }
}

// Where the scenario is: standard input, or a file that is read again for each schedule.
int scenario_fd() {
  const char* fd = std::getenv("KIT_SCENARIO_FD");
  if (fd == nullptr) return STDIN_FILENO;
  const int number = std::atoi(fd);
  if (lseek(number, 0, SEEK_SET) != 0)
    throw std::invalid_argument("KIT_SCENARIO_FD cannot be read");
  return number;
}

char* map_log() {
  const char* fd = std::getenv("KIT_LOG_FD");
  if (fd == nullptr)
    throw std::invalid_argument("KIT_LOG_FD is not set: probes are run by drivers");
  void* log = mmap(nullptr, kLogBytes, PROT_READ | PROT_WRITE, MAP_SHARED, std::atoi(fd), 0);
  if (log == MAP_FAILED) throw std::invalid_argument("KIT_LOG_FD cannot be mapped");
  return static_cast<char*>(log);
}

}  // namespace
}  // namespace kit

int main() {
  if (kit_name_thread != nullptr) kit_name_thread("the check");
  try {
    kit::run(kit::decode(kit::read_all(kit::scenario_fd())), kit::map_log());
    return 0;
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "probe: %s\n", error.what());
  } catch (const kit::UnknownCall& error) {
    std::fprintf(stderr, "probe: no such call: %s\n", error.name.c_str());
  }
  return kit::kProbeFault;
}
