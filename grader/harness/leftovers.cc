#include "grader/harness/leftovers.h"

#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <time.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "grader/harness/finding.h"
#include "grader/harness/jail.h"
#include "grader/harness/process_tree.h"

namespace kit {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 2> kObjectFolders = {"/dev/shm", "/dev/mqueue"};
constexpr char kSystemV[] = "System V ";
constexpr int kGraceMs = 500;
constexpr int kKillMs = 20'000;
// A crowd of the same is not worth a page.
constexpr std::size_t kMaxNamed = 10;

bool has_own_network() {
  // /sys/class/net may be the machine's; this is what the process itself sees.
  int others = 0;
  std::ifstream devices("/proc/net/dev");
  for (std::string line; std::getline(devices, line);) {
    others += line.find(':') != std::string::npos && line.find("lo:") == std::string::npos;
  }
  return others == 0;
}

// Bazel's sandbox mounts one over the machine's: then there are two mounts at that place. That
// alone can be so elsewhere, but not together with a network of its own.
bool has_own_shm() {
  std::ifstream mounts("/proc/self/mountinfo");
  int count = 0;
  for (std::string line; std::getline(mounts, line);) {
    count += line.find(" /dev/shm ") != std::string::npos;
  }
  return count > 1 && has_own_network();
}

// System V objects have numbers instead of names. The first line of each table is a heading; key
// and number are the first two columns.
void list_system_v(const char* kind, std::set<std::string>& names) {
  std::ifstream table(std::string("/proc/sysvipc/") + kind);
  std::string line;
  for (std::getline(table, line); std::getline(table, line);) {
    std::istringstream columns(line);
    int key = 0;
    int number = 0;
    if (columns >> key >> number)
      names.insert(std::string(kSystemV) + kind + ' ' + std::to_string(number));
  }
}

// Bazel's sandbox gives each action a System V namespace of its own, too.
std::set<std::string> list_objects() {
  std::set<std::string> names;
  if (!has_own_shm()) return names;
  for (const char* folder : kObjectFolders) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) names.insert(entry.path());
  }
  for (const char* kind : {"shm", "sem", "msg"}) list_system_v(kind, names);
  return names;
}

// "System V shm 3" -> "System V shared memory, number 3 (ipcs -m lists it)"
std::string describe_object(const std::string& object) {
  if (object.rfind(kSystemV, 0) != 0) return object;
  const std::string kind = object.substr(std::strlen(kSystemV), 3);
  const std::string number = varies(object.substr(object.rfind(' ') + 1));
  if (kind == "shm") return "System V shared memory, number " + number + " (ipcs -m lists it)";
  if (kind == "sem") return "a System V semaphore set, number " + number + " (ipcs -s lists it)";
  return "a System V message queue, number " + number + " (ipcs -q lists it)";
}

void remove_object(const std::string& object) {
  if (object.rfind(kSystemV, 0) != 0) {
    std::error_code ignored;
    fs::remove(object, ignored);
    return;
  }
  const int number = std::atoi(object.c_str() + object.rfind(' '));
  const std::string kind = object.substr(std::strlen(kSystemV), 3);
  if (kind == "shm") shmctl(number, IPC_RMID, nullptr);
  if (kind == "sem") semctl(number, 0, IPC_RMID);
  if (kind == "msg") msgctl(number, IPC_RMID, nullptr);
}

// Whether it ran under Valgrind is nothing that the report of it is about.
std::string command_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/cmdline");
  std::string command;
  for (std::string word; std::getline(file, word, '\0');) {
    const bool is_tool = word == "/usr/bin/valgrind" || word.rfind("--", 0) == 0;
    if (is_tool && command.empty()) continue;
    if (command.empty()) word = fs::path(word).filename();
    command += (command.empty() ? "" : " ") + word;
  }
  return command;
}

// A helper that notices the end of its server, and ends by itself, is not left behind.
void wait_for_late_ones() {
  const Deadline grace = Deadline::after_ms(kGraceMs);
  while (!grace.expired() && !descendants().empty()) {
    const timespec pause = {0,
                            5'000'000};  // there is nothing to wait on for other people's children
    nanosleep(&pause, nullptr);
  }
}

// Kills what is left, and takes in the zombies of all that ended.
std::vector<std::string> sweep_processes() {
  wait_for_late_ones();
  std::vector<std::string> found;
  for (const pid_t pid : descendants()) {
    const std::string command = command_of(pid);  // empty: it is ending at this moment
    if (!command.empty() && found.size() < kMaxNamed) found.push_back("a process: " + command);
  }
  kill_descendants(Deadline::after_ms(kKillMs));
  while (waitpid(-1, nullptr, WNOHANG) > 0) {
  }
  return found;
}

}  // namespace

Leftovers::Leftovers() : objects_(list_objects()) {}

std::vector<std::string> Leftovers::sweep() {
  std::vector<std::string> found = sweep_processes();
  for (const std::string& object : list_objects()) {
    if (objects_.count(object) != 0) continue;
    found.push_back(describe_object(object));
    remove_object(object);
  }
  return found;
}

void accuse_of_leaving(Finding& finding, const std::string& left) {
  finding.status = Status::kLeaked;
  finding.expected = "nothing is left behind when the programs have ended";
  finding.observed = "left behind: " + left;
  finding.why = "Who runs the program again, or something else, stumbles over it.";
  finding.hint =
      "Remove what you make, and wait for what you start, on every way out: also when SIGTERM "
      "comes.";
}

std::string describe_isolation() {
  std::string out = has_own_network() ? "own network" : "network shared with the machine";
  out += has_own_shm() ? ", own /dev/shm" : ", /dev/shm shared with the machine";
  return Jail::is_wanted() ? out + ", " + Jail::describe() : out;
}

}  // namespace kit
