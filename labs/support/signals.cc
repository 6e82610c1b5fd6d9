#include "labs/support/signals.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>

#include "labs/support/error.h"

namespace support {

UniqueFd open_stop_signals() {
  sigset_t stop_signals;
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGINT);
  sigaddset(&stop_signals, SIGTERM);
  int error = ::pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);
  if (error != 0) throw_error(error, "pthread_sigmask");
  UniqueFd fd(::signalfd(-1, &stop_signals, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) throw_errno("signalfd");
  return fd;
}

void ignore_sigpipe() {
  if (::signal(SIGPIPE, SIG_IGN) == SIG_ERR) throw_errno("signal");
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) < 0) throw_errno("getrlimit");
  limit.rlim_cur = limit.rlim_max;
  static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
}

}  // namespace support
