// The command line of bubblewrap for a box: what is visible in it, and how it is closed.
//
// A box sees /usr, an /etc of a few lines, a /proc and a /dev of its own, and what is bound into
// it; nothing else of the machine. Whose code runs in it cannot get more rights, whoever starts it.
//
// Who is root does not stay so: code under grade then runs as a user of its own (box_uid()), which
// no file and no process of the machine belongs to.
//
// Thread-safety: pure functions, but for the files of make_etc().
// Errors: std::system_error, for make_etc().
// Source: bwrap(1), version 0.8.
#ifndef GRADER_SUBMISSIONS_BWRAP_H_
#define GRADER_SUBMISSIONS_BWRAP_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kit {

inline constexpr char kBwrap[] = "/usr/bin/bwrap";

struct BoxPlan {
  std::vector<std::pair<std::string, std::string>> read_only;  // from, to
  std::vector<std::pair<std::string, std::string>> writable;
  std::string folder;           // where it begins, in the box
  bool has_own_network = true;  // false: it shares the network and IPC of who starts it
  bool ends_with_parent = true;
  std::vector<std::string> more;  // further arguments
};

// Up to and with the "--" before the command.
std::vector<std::string> bwrap_command(const BoxPlan& plan);

// Writes the few files that programs look for in /etc; for `read_only`.
void make_etc(const std::string& folder);

// The user that untrusted code runs as when this process is root and may choose; std::nullopt
// otherwise. Another one for each process: it owns nothing, and is nobody else's at the same time.
std::optional<uid_t> box_uid(pid_t pid);

// What goes before a command, so that it runs as that user and can never become another one.
std::vector<std::string> as_user(uid_t uid);

}  // namespace kit

#endif  // GRADER_SUBMISSIONS_BWRAP_H_
