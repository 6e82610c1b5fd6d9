#include "grader/harness/waits.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <map>
#include <vector>

#include "grader/harness/process_tree.h"

namespace kit {
namespace {

constexpr std::size_t kHolderOffset = offsetof(pthread_mutex_t, __data.__owner);

pid_t read_id(pid_t pid, std::uintptr_t address) {
  pid_t id = 0;
  iovec here = {&id, sizeof id};
  iovec there = {reinterpret_cast<void*>(address), sizeof id};
  return process_vm_readv(pid, &here, 1, &there, 1, 0) == sizeof id ? id : 0;
}

// "202 0x7f.. 0x80 ...": the number of the call and its arguments; "running" when it is in none.
std::uintptr_t futex_of(const std::string& task) {
  std::ifstream file(task + "/syscall");
  long number = -1;
  std::string address;
  if (!(file >> number >> address) || number != SYS_futex) return 0;
  return std::strtoull(address.c_str(), nullptr, 16);
}

bool begins_with(const std::string& text, const char* beginning) {
  return text.rfind(beginning, 0) == 0;
}

struct Edge {
  pid_t to = 0;
  std::string why;  // "for a mutex that %s holds"
};

Edge edge_of(const ThreadStack& thread, const Waits& before, const Waits& after) {
  const auto old = before.find(thread.tid);
  const auto now = after.find(thread.tid);
  if (old == before.end() || now == after.end() || !(old->second == now->second)) return {};
  if (begins_with(thread.waits_in, "pthread_mutex"))
    return {now->second.holder, "for a mutex that "};
  if (begins_with(thread.waits_in, "pthread_join")) return {now->second.joined, "for the end of "};
  return {};
}

class Graph {
 public:
  Graph(const Stacks& stacks, const Waits& before, const Waits& after) : threads_(stacks.threads) {
    for (const ThreadStack& thread : threads_) edges_[thread.tid] = edge_of(thread, before, after);
  }

  // The threads of a circle, in order; empty when there is none.
  std::vector<pid_t> circle() const {
    for (const ThreadStack& thread : threads_) {
      std::vector<pid_t> path;
      for (pid_t tid = thread.tid; edges_.count(tid) != 0; tid = edges_.at(tid).to) {
        const auto seen = std::find(path.begin(), path.end(), tid);
        if (seen != path.end()) return {seen, path.end()};
        path.push_back(tid);
      }
    }
    return {};
  }

  std::string describe(pid_t tid) const {
    const Edge& edge = edges_.at(tid);
    const std::string other = edge.to == tid ? "it" : name(edge.to);
    std::string out = name(tid) + " waits" + place_in_words(thread(tid)) + ' ' + edge.why + other;
    if (begins_with(edge.why, "for a mutex")) out += edge.to == tid ? " holds already" : " holds";
    return out;
  }

  const ThreadStack& thread(pid_t tid) const {
    return *std::find_if(threads_.begin(), threads_.end(),
                         [tid](const ThreadStack& thread) { return thread.tid == tid; });
  }

 private:
  std::string name(pid_t tid) const {
    return "thread " + std::to_string(&thread(tid) - threads_.data() + 1);
  }
  static std::string place_in_words(const ThreadStack& thread) {
    if (thread.own.empty()) return "";
    return " in " + thread.own.front().function + " (" + thread.own.front().place + ")";
  }

  const std::vector<ThreadStack>& threads_;
  std::map<pid_t, Edge> edges_;
};

}  // namespace

Waits read_waits(pid_t pid) {
  Waits waits;
  std::map<pid_t, pid_t> by_own_number;  // what the threads are called where they live
  const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
  DIR* folder = opendir(tasks.c_str());
  if (folder == nullptr) return waits;
  while (const dirent* entry = readdir(folder)) {
    const pid_t tid = std::atoi(entry->d_name);
    const std::vector<pid_t> numbers = numbers_of(std::to_string(pid) + "/task/" + entry->d_name);
    if (!numbers.empty()) by_own_number[numbers.back()] = tid;
    const std::uintptr_t address = tid > 0 ? futex_of(tasks + '/' + entry->d_name) : 0;
    if (address == 0) continue;
    waits[tid] = {address, read_id(pid, address + kHolderOffset), read_id(pid, address)};
  }
  closedir(folder);
  for (auto& [tid, wait] : waits) {
    for (pid_t* other : {&wait.holder, &wait.joined}) {
      const auto found = by_own_number.find(*other);
      if (found != by_own_number.end()) *other = found->second;
    }
  }
  return waits;
}

Deadlock find_deadlock(const Stacks& stacks, const Waits& before, const Waits& after) {
  const Graph graph(stacks, before, after);
  Deadlock deadlock;
  for (const pid_t tid : graph.circle()) {
    deadlock.circle += graph.describe(tid) + '\n';
    const ThreadStack& thread = graph.thread(tid);
    if (deadlock.place.empty() && !thread.own.empty()) deadlock.place = thread.own.front().place;
  }
  return deadlock;
}

}  // namespace kit
