// The sandbox of a submission: bubblewrap with a process table, a file system and, as root, a user
// of its own. Programs that are started in it see /usr, themselves and their folder.
//
// A program enters the jail by itself: the process that is to become it joins the jail's namespaces
// before exec(2). So it stays this process's own child, whose end, signals, stacks and holdings are
// seen as those of any other; and its sockets, queues and shared memory are those of the room (see
// grader/submissions/room.cc), in which the driver stands, too. From inside, nothing outside can be
// seen or signalled.
//
// Without namespaces, what is left are the limits and, as root, the user.
//
// Ownership: a Jail lives as long as its first process, which ends with everything that this
// process leaves (Leftovers): the jail does not take its inmates with it when it goes away, so that
// daemons are seen. Thread-safety: none, but for the two functions of a child. Errors:
// std::system_error and std::runtime_error when there is no jail to be had. Source: setns(2),
// pidfd_open(2), clone(2) (CLONE_PARENT), bwrap(1).
#ifndef GRADER_HARNESS_JAIL_H_
#define GRADER_HARNESS_JAIL_H_

#include <sys/types.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "grader/harness/fd.h"

namespace kit {

class Jail {
 public:
  // Whether this driver was told to keep its subject in a jail.
  static bool is_wanted();

  // "a box, a user of its own" or what there is of it.
  static std::string describe();

  // `folder` is the caller's, for a check: the jail's own folder is below it or where the room has
  // one of bounded size.
  // `programs`: the files that are visible in it, beside /usr.
  Jail(std::vector<std::string> programs, const std::string& folder);
  Jail(const Jail&) = delete;
  Jail& operator=(const Jail&) = delete;

  // Where the programs run, and what they write their reports into: empty, and theirs.
  const std::string& folder() const { return folder_; }
  std::string report_folder() const { return top_ + "/reports"; }

  // Gives the inmates what the driver has written into their folder since.
  void hand_over();

  // Ends all inmates at one stroke, and the jail with them; whatever is started in it after that
  // fails.
  void kill_all();

  // The path of a program, for exec(2) within.
  std::string path_of(const std::string& program) const;

  // For a child after fork(2), async-signal-safe. enter() returns in a new process within the jail,
  // whose parent is the caller's, and whose number it has written to `fd`; it does not return when
  // it fails.
  void enter(int fd) const;
  // The last thing before exec(2): the limits, and no rights whatever. False when it fails.
  bool renounce() const;

 private:
  void open_groups();
  void make_folders(const std::string& folder);
  void copy_programs(const std::string& folder);
  void start_box();

  const std::vector<std::string> programs_;
  std::optional<uid_t> uid_;
  std::string top_;
  std::string folder_;
  std::map<std::string, std::string> copies_;  // without namespaces: where the user can reach them
  std::vector<UniqueFd> groups_;               // where an inmate joins the room's control groups
  UniqueFd first_;  // the jail's first process; invalid without namespaces
};

}  // namespace kit

#endif  // GRADER_HARNESS_JAIL_H_
