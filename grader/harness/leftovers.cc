#include "grader/harness/leftovers.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace kit {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 2> kObjectFolders = {"/dev/shm", "/dev/mqueue"};

bool has_own_network() {
  // /sys/class/net may be the machine's; this is what the process itself sees.
  int others = 0;
  std::ifstream devices("/proc/net/dev");
  for (std::string line; std::getline(devices, line);) {
    others += line.find(':') != std::string::npos && line.find("lo:") == std::string::npos;
  }
  return others == 0;
}

// Bazel's sandbox mounts one over the machine's: then there are two mounts at that place.
bool has_own_shm() {
  std::ifstream mounts("/proc/self/mountinfo");
  int count = 0;
  for (std::string line; std::getline(mounts, line);) {
    count += line.find(" /dev/shm ") != std::string::npos;
  }
  return count > 1;
}

std::set<std::string> list_objects() {
  std::set<std::string> names;
  if (!has_own_shm()) return names;
  for (const char* folder : kObjectFolders) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) names.insert(entry.path());
  }
  return names;
}

std::string command_line(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/cmdline");
  std::string text;
  std::getline(file, text, '\0');
  return fs::path(text).filename();
}

std::vector<pid_t> children() {
  std::vector<pid_t> pids;
  std::ifstream file("/proc/self/task/" + std::to_string(getpid()) + "/children");
  for (pid_t pid = 0; file >> pid;) pids.push_back(pid);
  return pids;
}

// Kills what is left, and what that leaves to this process when it dies, until nothing is there.
std::vector<std::string> sweep_processes() {
  std::vector<std::string> found;
  for (std::vector<pid_t> pids = children(); !pids.empty(); pids = children()) {
    for (const pid_t pid : pids) {
      const std::string name = command_line(pid);
      if (!name.empty()) found.push_back("a process: " + name);  // a zombie has no command line
      // Its group too: what forks without end is stopped by a signal to all of it at once.
      const pid_t group = getpgid(pid);
      if (group > 1 && group != getpgrp()) kill(-group, SIGKILL);
      kill(pid, SIGKILL);
      waitpid(pid, nullptr, 0);
    }
  }
  return found;
}

}  // namespace

Leftovers::Leftovers() : objects_(list_objects()) {}

std::vector<std::string> Leftovers::sweep() {
  std::vector<std::string> found = sweep_processes();
  for (const std::string& object : list_objects()) {
    if (objects_.count(object) != 0) continue;
    found.push_back(object);
    std::error_code ignored;
    fs::remove(object, ignored);
  }
  return found;
}

std::string describe_isolation() {
  std::string out = has_own_network() ? "own network" : "network shared with the machine";
  return out + (has_own_shm() ? ", own /dev/shm" : ", /dev/shm shared with the machine");
}

}  // namespace kit
