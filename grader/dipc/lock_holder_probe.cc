// Holds the lock of a mailbox of a server that runs, from another process, for the checks of what
// the server does then: nothing else makes a lock be not had at a moment that a check can choose.
//
//     lock_holder_probe <port> <mailbox>
//
// prints "holds" when it has the lock for writing, and lets go when its standard input ends.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "fair_lock.h"
#include "mailbox_store.h"

namespace {

constexpr std::int64_t kPatienceMs = 60'000;

void hold(std::uint16_t port, std::uint64_t mailbox) {
  const dipc::MailboxStore store = dipc::MailboxStore::open(port);
  dipc::FairLock lock(store.lock_memory(mailbox), store.common_memory());
  dipc::FairLock::Hold hold = lock.lock_exclusive(support::Deadline::after_ms(kPatienceMs));
  std::puts(hold ? "holds" : "the lock was not had");
  std::fflush(stdout);
  char byte = 0;
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  try {
    hold(static_cast<std::uint16_t>(std::atoi(argv[1])), std::strtoull(argv[2], nullptr, 10));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
