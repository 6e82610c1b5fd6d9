#include "grader/submissions/bwrap.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <set>
#include <system_error>

namespace kit {
namespace {

// Far from what a distribution, a container's mapping or systemd's dynamic users take.
constexpr uid_t kFirstUid = 2'000'000'000;

void append(std::vector<std::string>& out, std::initializer_list<std::string> words) {
  out.insert(out.end(), words);
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  if (!file.flush()) throw std::system_error(errno, std::generic_category(), path);
}

using Binds = std::vector<std::pair<std::string, std::string>>;

// The folders above come first: bubblewrap makes them by itself, but for root alone.
void append_binds(std::vector<std::string>& out, const std::string& how, const Binds& binds) {
  std::set<std::string> folders;  // sorted: what is above comes first
  for (const auto& [from, to] : binds) {
    std::filesystem::path folder = std::filesystem::path(to).parent_path();
    for (; folder.has_relative_path(); folder = folder.parent_path()) folders.insert(folder);
  }
  for (const std::string& folder : folders) append(out, {"--perms", "0755", "--dir", folder});
  for (const auto& [from, to] : binds) append(out, {how, from, to});
}

// Whether a user of that number exists for this process (user_namespaces(7)).
bool is_mapped(uid_t uid) {
  std::ifstream map("/proc/self/uid_map");
  for (unsigned long long inside = 0, outside = 0, count = 0; map >> inside >> outside >> count;) {
    if (uid >= inside && uid - inside < count) return true;
  }
  return false;
}

}  // namespace

std::vector<std::string> bwrap_command(const BoxPlan& plan) {
  std::vector<std::string> out = {kBwrap, "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try",
                                  "--new-session"};
  if (plan.ends_with_parent) append(out, {"--die-with-parent"});
  // Root needs no user namespace, and in one it could not become the box's own user.
  if (geteuid() != 0) append(out, {"--unshare-user"});
  if (plan.has_own_network) append(out, {"--unshare-net", "--unshare-ipc"});
  append(out, {"--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev"});
  for (const char* link : {"bin", "sbin", "lib", "lib32", "lib64", "libx32"}) {
    const std::string path = std::string("/") + link;
    std::error_code error;
    if (std::filesystem::is_symlink(path, error)) {
      append(out, {"--symlink", std::string("usr/") + link, path});
    } else if (std::filesystem::is_directory(path, error)) {
      append(out, {"--ro-bind", path, path});
    }
  }
  append_binds(out, "--bind", plan.writable);
  append_binds(out, "--ro-bind", plan.read_only);
  out.insert(out.end(), plan.more.begin(), plan.more.end());
  append(out, {"--hostname", "box", "--chdir", plan.folder, "--"});
  return out;
}

void make_etc(const std::string& folder) {
  std::filesystem::create_directories(folder + "/alternatives");
  write_file(folder + "/passwd", "student:x:65534:65534::/:/usr/sbin/nologin\n");
  write_file(folder + "/group", "student:x:65534:\n");
  write_file(folder + "/hosts", "127.0.0.1 localhost\n::1 localhost\n");
  write_file(folder + "/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n");
}

std::optional<uid_t> box_uid(pid_t pid) {
  const uid_t uid = kFirstUid + static_cast<uid_t>(pid);
  if (geteuid() != 0 || !is_mapped(uid)) return std::nullopt;
  return uid;
}

std::vector<std::string> as_user(uid_t uid) {
  const std::string number = std::to_string(uid);
  return {"/usr/bin/setpriv", "--reuid=" + number,   "--regid=" + number, "--clear-groups",
          "--no-new-privs",   "--bounding-set=-all", "--inh-caps=-all",   "--"};
}

}  // namespace kit
