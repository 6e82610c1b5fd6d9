// Step 1: shared objects.
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/probe_run.h"
#include "grader/harness/rounds.h"
#include "grader/registration_server/instance.h"
#include "grader/registration_server/script.h"

namespace kit::registration_lab {
namespace {

constexpr char kProbe[] = "shared_probe";

KIT_CHECK(Object, IsSharedByProcesses,
          .why = "Whoever knows the name has the same memory, each at an address of its own.",
          .hint = "MAP_SHARED, and the header's magic and version before anything is published.",
          .function = "registration::SharedObject::open") {
  Script(processes())
      .then("A", "create", {"5000"}, "made")
      .then("A", "read", {}, "zeros")
      .then("A", "header", {}, "magic, version")
      .then("A", "state", {}, "being made")
      .then("A", "write", {"a"}, "written")
      .then("A", "publish", {}, "done")
      .then("B", "open", {"5000", "0"}, "opened")
      .then("B", "state", {}, "open")
      .then("B", "read", {}, "all a")
      .then("B", "write", {"b"}, "written")
      .then("A", "read", {}, "all b")
      .then("B", "close", {}, "done")
      .then("A", "read", {}, "all b")
      .then("A", "close", {}, "done")
      .require(kProbe);
}

KIT_CHECK(Object, HasAllItsMemory,
          .why =
              "ftruncate(2) only promises memory. When a page of it cannot be had later, at the "
              "first write, the server dies of SIGBUS.",
          .hint = "posix_fallocate(3) gets all of it now, or says ENOSPC; then nothing is left.",
          .function = "registration::SharedObject::create") {
  Script(processes())
      .then("A", "create", {"300000"}, "made")
      .then("B", "stat", {}, "mode 600, all of 300000 bytes")
      .then("A", "close", {}, "done")
      .then("A", "create", {"4611686018427387904"}, "no memory")
      .then("B", "stat", {}, "none")
      .require(kProbe);
}

// Each pair of processes meets at an object as one makes it and the other opens it.
void explore_opening() {
  const std::string instance = fresh_instance();
  const auto make = [&](std::mt19937_64&) {
    const Words no_words;
    return Scenario{{"processes", instance},
                    {{{"A.create", {"100"}}, {"A.write", {"a"}}, {"A.publish", no_words}},
                     {{"B.open", {"100", kLongMs}}, {"B.read", no_words}}}};
  };
  const auto judge = [](const History& history) -> std::optional<Flaw> {
    for (const Operation& operation : history) {
      if (operation.call == "B.open" && operation.result != "opened")
        return Flaw(render(operation));
      if (operation.call == "B.read" && operation.result != "all a") return Flaw(render(operation));
    }
    return std::nullopt;
  };
  // Without one of these calls, or with less time, it is right that an object cannot be opened.
  const auto none_less = [](const Scenario&) { return false; };
  check_histories(kProbe, "who has opened an object sees all that was there before publish()", make,
                  judge, CheckOptions{.scenarios = 1, .schedules = 150, .makes_sense = none_less});
}

KIT_CHECK(
    Object, IsWaitedFor,
    .why =
        "For a moment an object has a name and no memory, then memory and nothing in it. Who looks "
        "too early gets SIGBUS, or believes zeros.",
    .hint =
        "Look at its size with fstat(2) before you map it, and at the state (acquire) before "
        "anything else; then again, until the deadline.",
    .function = "registration::SharedObject::open") {
  if (config().mode == Mode::kExplore) return explore_opening();
  Script(processes())
      .then("B", "open", {"100", "0"}, "NoObject")
      .meanwhile("B", "open", {"100", kLongMs}, "opened")
      .when_asleep("B", "A", "create", {"100"}, "made")
      .when_asleep("B", "A", "write", {"a"}, "written")
      .then("C", "open", {"100", "50"}, "NoObject")
      .when_asleep("B", "A", "publish", {}, "done")
      .then("B", "read", {}, "all a")
      .then("A", "close", {}, "done")
      .require(kProbe);
  forget_did();
  Script(processes())
      .then("A", "raw", {"0"}, "done")
      .then("B", "open", {"100", "50"}, "NoObject")
      .meanwhile("B", "open", {"100", kLongMs}, "opened")
      .when_asleep("B", "A", "grow", {"50"}, "done")
      .when_asleep("B", "A", "grow", {"116"}, "done")
      .when_asleep("B", "A", "open_raw", {"right"}, "done")
      .then("B", "read", {}, "zeros")
      .require(kProbe);
}

KIT_CHECK(Object, IsOnlyWhatWasAskedFor, .why = "A name says nothing about what lies behind it.",
          .hint = "Compare the magic and the version before you return it: otherwise NoObject.",
          .function = "registration::SharedObject::open") {
  Script(processes())
      .then("A", "raw", {"200"}, "done")
      .then("A", "open_raw", {"wrong"}, "done")
      .then("B", "open", {"100", "50"}, "NoObject")
      .then("A", "open_raw", {"right"}, "done")
      .then("B", "open", {"500", "50"}, "NoObject")
      .then("B", "open", {"184", "50"}, "opened")
      .then("B", "write", {"x"}, "written")
      .require(kProbe);
}

KIT_CHECK(Object, ExistsOnce,
          .why = "Two servers of one instance would answer each other's clients.",
          .hint = "O_CREAT with O_EXCL; EEXIST is ObjectExists. The first one's stays as it was.",
          .function = "registration::SharedObject::create") {
  Script(processes())
      .then("A", "create", {"100"}, "made")
      .then("A", "write", {"a"}, "written")
      .then("A", "publish", {}, "done")
      .then("B", "create", {"100"}, "ObjectExists")
      .then("B", "stat", {}, "mode 600, all of 100 bytes")
      .then("B", "open", {"100", "50"}, "opened")
      .then("B", "read", {}, "all a")
      .then("A", "close", {}, "done")
      .then("C", "create", {"100"}, "made")
      .then("C", "read", {}, "zeros")
      .then("C", "close", {}, "done")
      .require(kProbe);
}

KIT_CHECK(Object, RemovesItsName,
          .why =
              "A shared object outlives its process: one that is left takes up memory until the "
              "machine is restarted.",
          .hint =
              "Who created it removes the name in its destructor, and only then, once. Who opened "
              "it does not, nor does one that was moved from.",
          .function = "registration::SharedObject::~SharedObject") {
  const std::string there = "mode 600, all of 100 bytes";
  Script(processes())
      .then("A", "create", {"100"}, "made")
      .then("A", "publish", {}, "done")
      .then("B", "open", {"100", "50"}, "opened")
      .then("B", "close", {}, "done")
      .then("B", "stat", {}, there)
      .then("A", "move", {}, "done")
      .then("B", "stat", {}, there)
      .then("B", "open", {"100", "50"}, "opened")
      .then("A", "write", {"a"}, "written")
      .then("A", "remove_name", {}, "done")
      .then("B", "stat", {}, "none")
      .then("B", "read", {}, "all a")
      .then("C", "create", {"100"}, "made")
      .then("A", "remove_name", {}, "done")
      .then("A", "close", {}, "done")
      .then("B", "stat", {}, there)
      .then("C", "close", {}, "done")
      .then("B", "stat", {}, "none")
      .require(kProbe);
}

KIT_CHECK(
    Object, IsItsUsersAlone,
    .why = "Who may take part is decided by the permissions of the objects, and by nothing else.",
    .hint = "The mode of shm_open(3) is 0600.", .function = "registration::SharedObject::create") {
  Script(processes())
      .then("A", "create", {"100"}, "made")
      .then("B", "stat", {}, "mode 600, all of 100 bytes")
      .then("A", "close", {}, "done")
      .require(kProbe);
}

KIT_CHECK(
    Object, TellsWhetherItsMakerLives,
    .why = "What a killed server has left must be told apart from what a living one still needs.",
    .hint =
        "flock(2) on the descriptor, kept as long as the object: the kernel lets go of it "
        "when the process ends, whatever way.",
    .function = "registration::SharedObject::create") {
  Script(processes())
      .then("A", "create", {"100"}, "made")
      .then("A", "publish", {}, "done")
      .then("B", "is_locked", {}, "yes")
      .then("B", "open", {"100", "50"}, "opened")
      .then("B", "is_locked", {}, "yes")
      .dies("A")
      .when_dead("A", "B", "is_locked", {}, "no")
      .then("B", "stat", {}, "mode 600, all of 100 bytes")
      .require(kProbe);
}

}  // namespace
}  // namespace kit::registration_lab
