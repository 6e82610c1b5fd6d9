// Step 1: the mailbox store, in one process and in several.
#include <unistd.h>

#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/probe_run.h"
#include "grader/harness/rounds.h"

namespace kit::dipc_lab {
namespace {

constexpr char kProbe[] = "store_probe";

// A port whose object is not there. Where /dev/shm is shared with the machine, other checks may run
// at the same time.
std::string free_port() {
  int port = 20'000 + getpid() % 20'000;
  while (access(("/dev/shm/dipc-" + std::to_string(port)).c_str(), F_OK) == 0) ++port;
  note_varying(std::to_string(port));
  return std::to_string(port);
}

// The setup line: the port, and processes P and Q beside the probe itself.
Words processes() {
  static const bool is_told = [] {
    add_evidence("Above, P and Q are processes; what they call stands behind the dot.\n");
    return true;
  }();
  static_cast<void>(is_told);
  return {free_port(), "P", "Q"};
}

Call create(const std::string& who, const std::string& mailboxes, const std::string& bytes) {
  return {who + "create", {mailboxes, bytes}};
}
Call write(const std::string& who, int index, char letter, std::size_t count) {
  return {who + "write", {std::to_string(index), std::string(1, letter), std::to_string(count)}};
}
Call read(const std::string& who, int index) { return {who + "read", {std::to_string(index)}}; }
Call with_index(const std::string& name, const std::string& index) { return {name, {index}}; }

std::string run_of(char letter, std::size_t count) {
  return std::string(1, letter) + "*" + std::to_string(count);
}

KIT_CHECK(Process, KnowsWhoIsAlive,
          .why =
              "The store's owner is told by its process id and the moment it started. Who mistakes "
              "a dead owner for a living one can never start a server on that port again.",
          .hint =
              "Field 22 of /proc/<pid>/stat; a process that has ended and was not asked about yet "
              "is a zombie, its state is Z, and it is dead.",
          .function = "dipc::is_alive") {
  require_results(kProbe, processes(),
                  {{{"self", {}}, "yes"},
                   {{"alive", {"P"}}, "yes"},
                   {{"P.stun", {}}, "killed"},
                   {{"alive", {"P"}}, "no"},
                   {{"alive", {"Q"}}, "yes"},
                   {{"Q.kill", {}}, "killed"},
                   {{"alive", {"Q"}}, "no"}});
}

KIT_CHECK(Process, TellsApartWhoHasTheSameNumber,
          .why = "The kernel gives the process id of a dead process to another one.",
          .hint = "The process is the same only when both its id and its start time are.",
          .function = "dipc::is_alive") {
  require_results(kProbe, processes(), {{{"alive", {"P"}}, "yes"}, {{"alive_later", {"P"}}, "no"}});
}

KIT_CHECK(
    Process, ReadsPastAnyName,
    .why =
        "A program may be called anything, and its name stands in the middle of /proc/<pid>/stat.",
    .hint =
        "The name is in parentheses and may hold some itself, and spaces: go on behind the last "
        "')'.",
    .function = "dipc::start_time_of") {
  for (const char* name : {") Z 1 2 3", "a b c", "((", "Z"}) {
    forget_did();
    require_results(kProbe, processes(),
                    {{{"P.rename", {name}}, "renamed"}, {{"alive", {"P"}}, "yes"}});
  }
}

KIT_CHECK(
    Store, KeepsWhatIsWritten, .why = "This is what a mailbox is for.",
    .hint = "write() copies the data and remembers its length; read() gives back just so much.",
    .function = "dipc::MailboxStore::write") {
  require_results(kProbe, {free_port()},
                  {{create("", "3", "1024"), "made"},
                   {{"shape", {}}, "3 mailboxes of 1024 bytes"},
                   {read("", 0), "(nothing)"},
                   {with_index("length", "2"), "0"},
                   {write("", 1, 'a', 5), "written"},
                   {read("", 1), "aaaaa"},
                   {with_index("length", "1"), "5"},
                   {write("", 1, 'b', 2), "written"},
                   {read("", 1), "bb"},
                   {write("", 1, 'c', 0), "written"},
                   {read("", 1), "(nothing)"},
                   {read("", 0), "(nothing)"},
                   {read("", 2), "(nothing)"},
                   {{"close", {}}, "closed"}});
}

KIT_CHECK(Store, RemovesItsObject,
          .why =
              "A shared-memory object outlives its process: one that is left takes up memory until "
              "the machine is restarted.",
          .hint =
              "The store that created the object removes its name when it is destroyed. One that "
              "only opened it does not, and neither does one that was moved from.",
          .function = "dipc::MailboxStore::~MailboxStore") {
  require_results(kProbe, processes(),
                  {{{"exists", {}}, "no"},
                   {create("P.", "2", "64"), "made"},
                   {{"exists", {}}, "yes"},
                   {{"Q.open", {}}, "opened"},
                   {{"Q.close", {}}, "closed"},
                   {{"exists", {}}, "yes"},
                   {{"Q.open", {}}, "opened"},
                   {write("P.", 1, 'a', 3), "written"},
                   {{"P.move", {}}, "moved"},
                   {{"exists", {}}, "yes"},
                   {read("P.", 1), "aaa"},
                   {read("Q.", 1), "aaa"},
                   {{"P.close", {}}, "closed"},
                   {{"exists", {}}, "no"}});
}

KIT_CHECK(Store, IsSharedByProcesses,
          .why =
              "Whoever knows the port can look into the mailboxes; each process has the memory at "
              "another address.",
          .hint =
              "MAP_SHARED, and nothing in the memory that is an address: offsets from its "
              "beginning instead.",
          .function = "dipc::MailboxStore::open") {
  require_results(kProbe, processes(),
                  {{create("P.", "3", "5000"), "made"},
                   {{"Q.open", {}}, "opened"},
                   {{"Q.shape", {}}, "3 mailboxes of 5000 bytes"},
                   {write("P.", 2, 'a', 5000), "written"},
                   {read("Q.", 2), run_of('a', 5000)},
                   {write("Q.", 0, 'b', 9), "written"},
                   {read("P.", 0), run_of('b', 9)},
                   {{"owner", {}}, "P"}});
}

KIT_CHECK(
    Store, KnowsItsBounds,
    .why =
        "The mailbox number comes from the network: beyond the last one lies somebody else's "
        "memory.",
    .hint = "Mailboxes count from 0, so the count itself is no mailbox. Exactly mailbox_bytes fit.",
    .function = "dipc::MailboxStore::write") {
  const std::string huge = "18446744073709551615";
  require_results(kProbe, {free_port()},
                  {{create("", "3", "100"), "made"},
                   {write("", 2, 'a', 100), "written"},
                   {read("", 2), run_of('a', 100)},
                   {write("", 2, 'b', 101), "std::length_error"},
                   {read("", 2), run_of('a', 100)},
                   {write("", 3, 'c', 1), "std::out_of_range"},
                   {read("", 3), "std::out_of_range"},
                   {with_index("length", "3"), "std::out_of_range"},
                   {with_index("lock_memory", "3"), "std::out_of_range"},
                   {with_index("length", huge), "std::out_of_range"},
                   {with_index("lock_memory", huge), "std::out_of_range"},
                   {{"close", {}}, "closed"}});
}

KIT_CHECK(Store, ReadsOnlyWhatThereIsRoomFor, .why = "The caller's memory ends where it says.",
          .hint = "Copy the smaller of the two: what there is, and what there is room for.",
          .function = "dipc::MailboxStore::read") {
  require_results(kProbe, {free_port()},
                  {{create("", "1", "100"), "made"},
                   {write("", 0, 'a', 50), "written"},
                   {{"read", {"0", "49"}}, run_of('a', 49)},
                   {{"read", {"0", "50"}}, run_of('a', 50)},
                   {{"read", {"0", "51"}}, run_of('a', 50)},
                   {{"read", {"0", "0"}}, "(nothing)"},
                   {{"close", {}}, "closed"}});
}

// Every byte of everything is written, and then looked at.
KIT_CHECK(Store, KeepsItsPartsApart,
          .why =
              "Mailboxes, locks and the header lie side by side. One that reaches into the next "
              "spoils it, and who looks for the mistake looks in the wrong place.",
          .hint =
              "Write the layout down: where each part begins, how long it is, and that it begins "
              "at a multiple of 64.",
          .function = "dipc::MailboxStore::lock_memory") {
  for (const char* bytes : {"1", "63", "64", "65", "4096", "5000"}) {
    const std::size_t count = std::stoul(bytes);
    std::vector<Expected> expected = {{{"create", {"5", bytes, "72", "1000"}}, "made"},
                                      {{"zeros", {}}, "yes"},
                                      {{"aligned", {}}, "yes"},
                                      {{"scribble", {}}, "done"}};
    for (int i = 4; i >= 0; --i) {
      expected.push_back({write("", i, static_cast<char>('a' + i), count), "written"});
    }
    expected.push_back({{"scribbled", {}}, "yes"});
    expected.push_back({{"scribble", {}}, "done"});
    for (int i = 0; i < 5; ++i) {
      const char letter = static_cast<char>('a' + i);
      expected.push_back(
          {read("", i), count < 8 ? std::string(count, letter) : run_of(letter, count)});
    }
    expected.push_back({{"shape", {}}, "5 mailboxes of " + std::string(bytes) + " bytes"});
    expected.push_back({{"close", {}}, "closed"});
    forget_did();
    require_results(kProbe, {free_port()}, expected);
  }
}

KIT_CHECK(
    Store, RefusesWhatCannotBe,
    .why =
        "The numbers come from the command line: zero, or a product that does not fit into 64 bits "
        "and looks small again.",
    .hint =
        "Check for zero. Multiply and add with __builtin_mul_overflow() and "
        "__builtin_add_overflow(), and treat what does not fit as memory that is not to be had.",
    .function = "dipc::MailboxStore::create") {
  const std::string max = "18446744073709551615";
  const std::string half = "9223372036854775808";
  require_results(kProbe, {free_port()},
                  {{create("", "0", "1024"), "std::invalid_argument"},
                   {create("", "3", "0"), "std::invalid_argument"},
                   {{"exists", {}}, "no"},
                   {create("", "1", "64"), "made"},
                   {{"close", {}}, "closed"}});
  forget_did();
  // More than 64 bits hold is a shape that cannot be, and memory that is not to be had.
  const std::vector<Call> too_large = {create("", half, "2"),
                                       create("", "4294967296", "4294967296"),
                                       create("", max, max),
                                       create("", "1", max),
                                       create("", max, "1"),
                                       {"create", {"1", "64", max, "0"}},
                                       {"create", {"1", "64", "0", max}}};
  const History history = run_once(kProbe, sequence({free_port()}, too_large));
  for (std::size_t i = 0; i < too_large.size(); ++i) {
    const std::string& result = history[i].result;
    require(result == "no memory" || result == "std::invalid_argument",
            render(too_large[i]) + " -> no memory, or std::invalid_argument", render(history[i]));
  }
  forget_did();
  require_results(
      kProbe, {free_port()},
      {{{"exists", {}}, "no"}, {create("", "1", "64"), "made"}, {{"close", {}}, "closed"}});
}

KIT_CHECK(Store, ReservesItsMemory,
          .why =
              "ftruncate(2) only promises memory. When a page of it cannot be had later, at the "
              "first write, the whole server dies of SIGBUS.",
          .hint =
              "posix_fallocate(3) gets all of it now, or says ENOSPC. What was made up to then is "
              "removed.",
          .function = "dipc::MailboxStore::create") {
  require_results(kProbe, {free_port()},
                  {{create("", "3", "1000000"), "made"},
                   {{"reserved", {}}, "all"},
                   {{"close", {}}, "closed"},
                   {create("", "1", "4611686018427387904"), "no memory"},
                   {{"exists", {}}, "no"}});
}

KIT_CHECK(
    Store, OpensOnlyWhatIsThere,
    .why =
        "The object may not exist, may still be made, or may be something else's. To map an empty "
        "one and look into it is SIGBUS.",
    .hint = "Look at its size and its header with fstat(2) and pread(2) before you believe it.",
    .function = "dipc::MailboxStore::open") {
  require_results(kProbe, processes(), {{{"P.open", {}}, "NoStore"}, {{"owner", {}}, "(none)"}});
  for (const char* bytes : {"0", "5", "64", "10000"}) {
    forget_did();
    require_results(kProbe, processes(),
                    {{{"junk", {bytes}}, "made"},
                     {{"P.open", {}}, "NoStore"},
                     {{"owner", {}}, "(none)"},
                     {{"P.remove_stale", {}}, "removed"},
                     {{"exists", {}}, "no"}});
  }
}

KIT_CHECK(Store, LeavesALivingServerAlone,
          .why =
              "Started twice on one port, the second server must not take the first one's memory "
              "away from under it.",
          .hint =
              "Whoever creates holds a lock on the object that the kernel gives back at its death "
              "(flock(2)). What is locked belongs to somebody who lives.",
          .function = "dipc::MailboxStore::create") {
  require_results(kProbe, processes(),
                  {{create("P.", "2", "100"), "made"},
                   {write("P.", 1, 'a', 50), "written"},
                   {create("Q.", "3", "200"), "StoreInUse"},
                   {{"Q.remove_stale", {}}, "in use"},
                   {{"owner", {}}, "P"},
                   {{"exists", {}}, "yes"},
                   {{"Q.open", {}}, "opened"},
                   {{"Q.shape", {}}, "2 mailboxes of 100 bytes"},
                   {read("Q.", 1), run_of('a', 50)},
                   {{"P.close", {}}, "closed"},
                   {{"remove_stale", {}}, "none"},
                   {create("P.", "3", "200"), "made"}});
}

KIT_CHECK(Store, ReplacesADeadServers,
          .why =
              "A server that was killed cannot clean up. The next one on its port must start all "
              "the same.",
          .hint =
              "An object whose lock can be had is nobody's: remove it and make a new one. Whoever "
              "still looks at the old one keeps it.",
          .function = "dipc::MailboxStore::create") {
  require_results(kProbe, processes(),
                  {{create("P.", "2", "100"), "made"},
                   {write("P.", 0, 'a', 50), "written"},
                   {{"P.kill", {}}, "killed"},
                   {{"exists", {}}, "yes"},
                   {{"owner", {}}, "P"},
                   {create("Q.", "3", "200"), "made"},
                   {{"owner", {}}, "Q"},
                   {{"Q.shape", {}}, "3 mailboxes of 200 bytes"},
                   {read("Q.", 0), "(nothing)"},
                   {{"Q.close", {}}, "closed"},
                   {{"exists", {}}, "no"}});
  forget_did();
  require_results(kProbe, processes(),
                  {{create("P.", "2", "100"), "made"},
                   {{"P.kill", {}}, "killed"},
                   {{"Q.remove_stale", {}}, "removed"},
                   {{"exists", {}}, "no"},
                   {{"Q.remove_stale", {}}, "none"}});
}

// The limit on a file's size kills a process just where it makes the object larger.
KIT_CHECK(Store, ReplacesAHalfMadeOne,
          .why = "A server may be killed at any moment, also while it makes its store.",
          .hint =
              "Say only at the very end that the store is complete. The lock on the object says "
              "whether its maker lives, however far it came.",
          .function = "dipc::MailboxStore::create") {
  for (const char* size : {"0", "4096", "8192"}) {
    forget_did();
    require_results(kProbe, processes(),
                    {{{"P.create_dies_at", {size, "4", "4096"}}, "(killed)"},
                     {{"Q.open", {}}, "NoStore"},
                     {create("Q.", "2", "100"), "made"},
                     {{"owner", {}}, "Q"},
                     {{"Q.close", {}}, "closed"},
                     {{"exists", {}}, "no"}});
    forget_did();
    // A store may be made without a name (O_TMPFILE), and then nothing is left.
    const std::vector<Call> calls = {
        {"P.create_dies_at", {size, "4", "4096"}}, {"Q.remove_stale", {}}, {"exists", {}}};
    const History history = run_once(kProbe, sequence(processes(), calls));
    require(history[1].result == "removed" || history[1].result == "none",
            "Q.remove_stale() -> removed, or none when nothing was left",
            "Q.remove_stale() -> " + history[1].result);
    require(history[2].result == "no", "exists() -> no", "exists() -> " + history[2].result);
  }
}

// Whatever became of the first call, by its own end or the alarm's: nothing may stay.
KIT_CHECK(Store, SurvivesADeathAtAnyMoment,
          .why = "Nobody chooses the moment at which a server is killed.",
          .hint =
              "Between any two lines of create(): what does the next create() find, and what does "
              "it make of it?",
          .function = "dipc::MailboxStore::create") {
  for (int round = 0; round < 30; ++round) {
    const std::string after_us = std::to_string(1 + random()() % 600);
    note_varying(after_us);
    const std::vector<Call> calls = {{"P.create_dies_after", {after_us, "100", "10000"}},
                                     {"P.kill", {}},
                                     create("Q.", "2", "100"),
                                     write("Q.", 1, 'q', 100),
                                     read("Q.", 1),
                                     {"Q.close", {}},
                                     {"exists", {}}};
    const std::vector<std::string> expected = {"",       "",  "made", "written", run_of('q', 100),
                                               "closed", "no"};
    forget_did();
    const History history = run_once(kProbe, sequence(processes(), calls));
    for (std::size_t i = 2; i < calls.size(); ++i) {
      require(history[i].result == expected[i], render(calls[i]) + " -> " + expected[i],
              render(calls[i]) + " -> " + printable(history[i].result, 400));
    }
  }
}

KIT_CHECK(Store, ShowsNoHalfOfAWrite,
          .why =
              "A server that is killed while it writes must not leave half of the new data with "
              "half of the old.",
          .hint =
              "Set the length to 0 before you copy, and to the data's when the copy is done, and "
              "see to it that the compiler keeps that order.",
          .function = "dipc::MailboxStore::write") {
  const std::vector<Call> calls = {create("P.", "1", "100000"),
                                   write("P.", 0, 'o', 90'000),
                                   {"Q.open", {}},
                                   {"P.write_dies", {"0", "40000"}},
                                   read("Q.", 0),
                                   {"Q.close", {}},
                                   {"Q.remove_stale", {}}};
  const History history = run_once(kProbe, sequence(processes(), calls));
  require(history[3].result == "(killed)", "the process dies within write()",
          "write() -> " + history[3].result);
  const std::string& seen = history[4].result;
  require(seen == "(nothing)" || seen == run_of('o', 90'000),
          "the mailbox is empty afterwards, or holds all that it held before",
          "Q.read(0) -> " + printable(seen, 100));
}

}  // namespace
}  // namespace kit::dipc_lab
