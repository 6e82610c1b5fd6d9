#include "grader/submissions/cgroup.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "grader/harness/fd.h"

namespace kit {
namespace {

// For all programs of a submission together.
constexpr std::int64_t kMemoryBytes = std::int64_t{2} << 30;
constexpr int kProcesses = 2000;

bool write_value(const std::string& path, const std::string& value) {
  const UniqueFd fd(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return fd.valid() &&
         write(fd.get(), value.data(), value.size()) == static_cast<ssize_t>(value.size());
}

// Where the group of this process is, for a controller of version 1, or "" for version 2's.
std::string own_group(const std::string& controller) {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string names = "," + line.substr(first + 1, second - first - 1) + ",";
    if (names.find("," + controller + ",") == std::string::npos) continue;
    const std::string mount = "/sys/fs/cgroup" + (controller.empty() ? "" : "/" + controller);
    return mount + line.substr(second + 1);
  }
  return "";
}

// A room holds its group's lock as long as it lives. A process number would not do: containers that
// share the groups do not share the numbers.
UniqueFd lock(const std::string& folder) {
  UniqueFd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.valid() && flock(fd.get(), LOCK_EX | LOCK_NB) != 0) fd.reset();
  return fd;
}

// Groups of rooms that were killed.
void remove_abandoned(const std::string& parent) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(parent, error)) {
    const std::string name = entry.path().filename();
    if (name.starts_with("kit.") && lock(entry.path()).valid()) rmdir(entry.path().c_str());
  }
}

// The folder of a new group, or "".
std::string make_group(const std::string& parent) {
  if (parent.empty()) return "";
  remove_abandoned(parent);
  const std::string folder = parent + "/kit." + std::to_string(getpid());
  return mkdir(folder.c_str(), 0755) == 0 ? folder : "";
}

}  // namespace

// What a kernel does not know is left out.
void Cgroup::make_own(const std::string& controller,
                      const std::vector<std::pair<std::string, std::string>>& values) {
  const std::string folder = make_group(own_group(controller));
  if (folder.empty()) return;
  UniqueFd held = lock(folder);
  // Somebody may have taken it for abandoned before it was locked.
  if (!held.valid() || access(folder.c_str(), F_OK) != 0) return;
  locks_.push_back(std::move(held));
  folders_.push_back(folder);
  for (const auto& [file, value] : values) write_value(folder + "/" + file, value);
}

Cgroup::Cgroup() {
  const std::string memory = std::to_string(kMemoryBytes), processes = std::to_string(kProcesses);
  make_own("memory", {{"memory.limit_in_bytes", memory}, {"memory.swappiness", "0"}});
  make_own("pids", {{"pids.max", processes}});
  make_own("cpu", {{"cpu.shares", "512"}});
  if (!folders_.empty()) return;
  make_own("", {{"memory.max", memory},
                {"memory.swap.max", "0"},
                {"pids.max", processes},
                {"cpu.weight", "50"}});
}

Cgroup::~Cgroup() {
  for (const std::string& folder : folders_) rmdir(folder.c_str());
}

std::string Cgroup::entrances() const {
  std::string out;
  for (const std::string& folder : folders_) {
    out += (out.empty() ? "" : ":") + folder + "/cgroup.procs";
  }
  return out;
}

}  // namespace kit
