// The room of one driver: room BOX_INIT DRIVER ARGUMENT...
//
// A submission's checks run in a room: a network with nothing but its own loopback, IPC objects, a
// /dev/shm and a table of processes of its own, all of it gone when the driver ends. The driver
// makes boxes within it (grader/harness/jail.h), in which the submission's programs run; driver and
// programs meet over the room's loopback, queues and shared memory, and nobody else does.
//
// Bazel's sandbox would do much the same, but in it root is the only user: code under grade would
// then run as root. Where namespaces are refused the driver runs without a room, and says so in its
// findings.
//
// Exit status: the driver's; 125 when this program cannot do its work.
// Source: namespaces(7), user_namespaces(7), pid_namespaces(7), mq_overview(7).
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "grader/harness/fd.h"
#include "grader/submissions/bwrap.h"
#include "grader/submissions/cgroup.h"
#include "grader/submissions/confinement.h"

namespace kit {
namespace {

constexpr int kFault = 125;
constexpr int kNoRoom = 124;  // namespaces are refused: nothing has been started yet
// What a submission may fill.
constexpr char kShmOptions[] = "mode=1777,size=268435456,nr_inodes=20000";
constexpr char kBoxOptions[] = "mode=0755,size=536870912,nr_inodes=50000";
// Folders that every machine has and no grading needs: one of them becomes the box's.
constexpr const char* kFolders[] = {"/mnt", "/media", "/srv"};

int status_of(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool write_line(const char* path, const std::string& line) {
  const UniqueFd fd(open(path, O_WRONLY | O_CLOEXEC));
  return fd.valid() &&
         write(fd.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size());
}

// Who is not root has a user namespace for it, in which it is still itself.
bool unshare_all() {
  const uid_t uid = geteuid();
  const gid_t gid = getegid();
  const int kinds = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWUTS;
  if (uid == 0) return unshare(kinds) == 0;
  const std::string user = std::to_string(uid), group = std::to_string(gid);
  return unshare(kinds | CLONE_NEWUSER) == 0 && write_line("/proc/self/setgroups", "deny") &&
         write_line("/proc/self/uid_map", user + " " + user + " 1") &&
         write_line("/proc/self/gid_map", group + " " + group + " 1");
}

bool bring_up_loopback() {
  const UniqueFd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request = {};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  return fd.valid() && ioctl(fd.get(), SIOCSIFFLAGS, &request) == 0;
}

const char* box_folder() {
  const std::string here = std::filesystem::current_path().string() + "/";
  for (const char* folder : kFolders) {
    struct stat status = {};
    if (!here.starts_with(std::string(folder) + "/") && stat(folder, &status) == 0 &&
        S_ISDIR(status.st_mode)) {
      return folder;
    }
  }
  return nullptr;
}

bool mount_all() {
  const unsigned long flags = MS_NOSUID | MS_NODEV;
  const char* folder = box_folder();
  if (folder == nullptr || mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      mount("tmpfs", "/dev/shm", "tmpfs", flags, kShmOptions) != 0 ||
      mount("tmpfs", folder, "tmpfs", flags, kBoxOptions) != 0) {
    return false;
  }
  struct stat status = {};
  if (stat("/dev/mqueue", &status) == 0 &&
      mount("mqueue", "/dev/mqueue", "mqueue", flags, nullptr) != 0) {
    return false;
  }
  return setenv("KIT_BOX_FOLDER", folder, 1) == 0;
}

[[noreturn]] void become(char** command) {
  execv(command[0], command);
  std::fprintf(stderr, "room: %s: %s\n", command[0], std::strerror(errno));
  _exit(kFault);
}

// The first process of the room: takes in what loses its parent, and ends with the driver.
[[noreturn]] void run_first(char** command) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0)
    _exit(kNoRoom);
  const pid_t driver = fork();
  if (driver < 0) _exit(kNoRoom);
  if (driver == 0) become(command);
  while (true) {
    int status = 0;
    const pid_t ended = waitpid(-1, &status, 0);
    if (ended == driver) _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    if (ended < 0 && errno != EINTR) _exit(kFault);
  }
}

[[noreturn]] void make_room(char** command) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (!unshare_all() || !mount_all() || !bring_up_loopback()) _exit(kNoRoom);
  const pid_t first = fork();
  if (first < 0) _exit(kNoRoom);
  if (first == 0) run_first(command);
  _exit(status_of(first));
}

int run(char** command) {
  if (const auto uid = box_uid(getpid())) setenv("KIT_BOX_UID", std::to_string(*uid).c_str(), 1);
  const Cgroup cgroup;
  setenv("KIT_BOX_CGROUPS", cgroup.entrances().c_str(), 1);
  if (can_box()) {
    const pid_t pid = fork();
    if (pid == 0) make_room(command);
    const int status = pid < 0 ? kNoRoom : status_of(pid);
    if (status != kNoRoom) return status;
  }
  const pid_t pid = fork();
  if (pid == 0) become(command);
  return pid < 0 ? kFault : status_of(pid);
}

}  // namespace
}  // namespace kit

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: room BOX_INIT DRIVER ARGUMENT...\n");
    return kit::kFault;
  }
  const std::string init = std::filesystem::absolute(argv[1]);
  setenv("KIT_BOX_INIT", init.c_str(), 1);
  return kit::run(argv + 2);
}
