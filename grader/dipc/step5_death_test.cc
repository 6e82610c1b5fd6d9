// Step 5: death at any moment. What a SIGKILL leaves, the next start or dipcrm clears away.
#include <signal.h>

#include <string>
#include <thread>

#include "grader/dipc/daemons.h"
#include "grader/dipc/dipc_peer.h"
#include "grader/dipc/left_objects.h"
#include "grader/dipc/running_dipc.h"
#include "grader/harness/check.h"
#include "grader/harness/quote.h"

namespace kit::dipc_lab {
namespace {

// As long as a start and a little of a life take.
constexpr int kLongestLifeUs = 15'000;

// Kills everything of the subject at that moment.
void kill_after_us(int life_us) {
  const std::int64_t end_ns = monotonic_ns() + std::int64_t{life_us} * 1000;
  while (monotonic_ns() < end_ns) std::this_thread::yield();
  kill_everything();
}

// dipcrm after a death at any moment: 0 when it found something, 1 when there was nothing.
void require_cleared(std::uint16_t port) {
  const Ended ended = wait_for_end(box().start("dipcrm", {std::to_string(port)}));
  require(ended.exit.signal == 0 && ended.exit.status <= 1,
          "dipcrm ends with exit status 0 or 1 (nothing was there)",
          render(ended.exit) + ": " + shortened(ended.err));
  require_no_objects("when dipcrm has ended");
}

// What is left works: the next server starts, serves, and is stopped.
void require_restart(std::uint16_t port) {
  start_daemon(port);
  DipcPeer ann = quiet_client_of(port);
  ann.require_read(0, "");
  ann.require_write(0, "works");
  ann.require_read(0, "works");
  ann.tcp().close();
  require_removed(port);
}

KIT_CHECK(Removal, WorksAfterADeathAtAnyMoment,
          .why =
              "The power of SIGKILL is that it comes when it likes: while the store is made, "
              "before the daemon has reported, in the middle of a write.",
          .hint =
              "Whatever a death leaves (a half-made object, a lock that is held, a daemon without "
              "a parent) must be recognised by the next start, and by dipcrm.",
          .function = "dipc::MailboxStore::create") {
  constexpr int kDeaths = 10;
  const DaemonsEnd end;
  const std::uint16_t port = free_port();
  for (int death = 0; death < kDeaths; ++death) {
    forget_did();
    const int life_us = static_cast<int>(random()() % kLongestLifeUs);
    did("started dipc, and killed it and its daemon " + varies(std::to_string(life_us)) +
        " microseconds later");
    box().start("dipc", dipc_args({}, port));
    kill_after_us(life_us);
    if (random()() % 2 == 0) {
      did("then dipcrm");
      require_cleared(port);
    }
    require_restart(port);
  }
}

KIT_CHECK(
    Removal, MayItselfBeKilled,
    .why = "dipcrm is a program like any other, and is called again when it was killed.",
    .hint = "Whatever dipcrm has done so far must leave something that the next one can finish.",
    .function = "dipc::remove_server") {
  constexpr int kDeaths = 4;
  const DaemonsEnd end;
  const std::uint16_t port = free_port();
  for (int death = 0; death < kDeaths; ++death) {
    forget_did();
    start_daemon(port);
    const int life_us = static_cast<int>(random()() % 5000);
    did("killed dipcrm " + varies(std::to_string(life_us)) + " microseconds after its start");
    Process& removal = box().start("dipcrm", {std::to_string(port)});
    const std::int64_t end_ns = monotonic_ns() + std::int64_t{life_us} * 1000;
    while (monotonic_ns() < end_ns) std::this_thread::yield();
    removal.signal(SIGKILL);
    static_cast<void>(wait_for_end(removal));
    const Ended ended = run_to_end("dipcrm", {std::to_string(port)}, port);
    require(ended.exit.signal == 0 && ended.exit.status <= 1,
            "the next dipcrm ends with exit status 0, or 1 when all was done", render(ended.exit));
    wait_for_daemons(0, "the server has ended when dipcrm has");
    require_no_objects("when both have ended");
  }
}

}  // namespace
}  // namespace kit::dipc_lab
