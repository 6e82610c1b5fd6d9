#include "removal.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <stdexcept>
#include <string>

#include "labs/support/deadline.h"
#include "labs/support/error.h"
#include "labs/support/fd.h"
#include "mailbox_store.h"
#include "process.h"

namespace dipc {

//~ begin step 5: Functions of your own can stand here.
namespace {

using support::Deadline;

constexpr std::int64_t kPatienceMs = 10'000;

// How often to look again at a store whose maker has its lock and has not written who it is: the
// two are a few instructions apart, and nothing tells when the second has happened.
constexpr int kLookAgainMs = 1;

// Stands for the process, or for nothing when it has gone. By system call: not every C library
// that is in use has these two functions.
support::UniqueFd open_process(const ProcessIdentity& process) {
  support::UniqueFd fd(static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0)));
  if (!fd && errno != ESRCH) support::throw_errno("pidfd_open");
  // The descriptor stands for whoever has the number now. If that is the one we mean, it stands for
  // it for good.
  if (!is_alive(process)) fd.reset();
  return fd;
}

void send_signal(int process, int signal) {
  if (::syscall(SYS_pidfd_send_signal, process, signal, nullptr, 0) == 0 || errno == ESRCH) return;
  support::throw_errno("pidfd_send_signal");
}

bool has_ended(int process, Deadline deadline) {
  return support::wait_for(process, POLLIN, deadline);
}

// Ends the process, and waits until it is gone.
void end_process(const ProcessIdentity& process) {
  support::UniqueFd fd = open_process(process);
  if (!fd) return;
  send_signal(fd.get(), SIGTERM);
  if (has_ended(fd.get(), Deadline::after_ms(kPatienceMs))) return;
  send_signal(fd.get(), SIGKILL);
  if (has_ended(fd.get(), Deadline::after_ms(kPatienceMs))) return;
  throw std::runtime_error("process " + std::to_string(process.pid) + " does not end");
}

}  // namespace
//~ end

Removed remove_server(std::uint16_t port) {
  //~ begin step 5: Whose store is it? End the owner if it lives, wait until it has gone, and remove
  //~   what is left then.
  //~| (void)port;
  //~| return Removed::kNothing;
  Deadline deadline = Deadline::after_ms(3 * kPatienceMs);
  bool stopped = false;
  for (;;) {
    MailboxStore::Removal removal = MailboxStore::remove_stale(port);
    if (removal != MailboxStore::Removal::kInUse) {
      if (stopped) return Removed::kStopped;
      return removal == MailboxStore::Removal::kRemoved ? Removed::kLeftover : Removed::kNothing;
    }
    if (deadline.has_passed()) throw std::runtime_error("the store does not become free");
    std::optional<ProcessIdentity> owner = MailboxStore::owner_of(port);
    if (owner && is_alive(*owner)) {
      end_process(*owner);
      stopped = true;
    } else if (::poll(nullptr, 0, kLookAgainMs) < 0 && errno != EINTR) {
      support::throw_errno("poll");
    }
  }
  //~ end
}

}  // namespace dipc
