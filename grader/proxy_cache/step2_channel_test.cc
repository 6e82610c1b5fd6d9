// Step 2: the chunk handshake.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/probe_run.h"
#include "grader/harness/rounds.h"
#include "grader/proxy_cache/few_histories.h"

namespace kit::proxy_cache_lab {
namespace {

constexpr char kProbe[] = "channel_probe";

constexpr char kRoom[] = "proxy_cache::ChunkWriter::room";
constexpr char kNext[] = "proxy_cache::ChunkReader::next";

// Calls of both ends; see channel_probe.cc.
Call call(const std::string& name) { return {name, {}}; }
Call call(const std::string& name, std::uint64_t number) {
  return {name, {std::to_string(number)}};
}
Call found(std::uint64_t length) { return {"W.begin", {"found", std::to_string(length)}}; }

std::string bytes_of(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " byte" : " bytes");
}

// So many bytes of content have room in the segment at a time.
Words segment_of(std::size_t content, const std::string& kind = "threads") {
  return {std::to_string(content), kind};
}

void explain_calls() {
  add_evidence(
      "In the calls above, W is the ChunkWriter and R the ChunkReader of one segment, and\n"
      "  write(n)      is room(), and publish() of n bytes, or of all that there is room for\n"
      "  write_all(n)  is write(n) until there is no room\n"
      "  read_all      is next() and release() until next() is empty, and then is_whole()\n"
      "  still         looks whether the last chunk is still as it was\n"
      "  patience(n)   is_alive() is false from the nth time on\n"
      "  hand, take    R uses the memory for something else, makes it anew by init(), and W "
      "begins\n"
      "                another transfer in it\n");
}

KIT_CHECK(Channel, CarriesContent, .why = "Everything that a client gets comes this way.",
          .hint =
              "begin() writes the header down; the first post makes it visible. room() waits for "
              "`free`, publish() posts `filled`, next() waits for `filled`, release() posts "
              "`free`.",
          .function = kNext) {
  explain_calls();
  require_results(kProbe, segment_of(10),
                  {{found(7), "begun"},
                   {call("W.write", 100), "5 bytes"},
                   {call("R.header"), "found 7"},
                   {call("R.next"), "5 bytes"},
                   {call("R.still"), "as it was"},
                   {call("R.release"), "released"},
                   {call("W.write", 100), "2 bytes"},
                   {call("W.write", 100), "no room"},
                   {call("R.next"), "2 bytes"},
                   {call("R.whole"), "whole"},
                   {call("R.next"), "nothing"},
                   {call("W.finish"), "finished"},
                   {call("R.finish"), "finished"},
                   {call("W.wait_until_read"), "read"}});
}

// One transfer between two processes.
Scenario transfer(std::size_t content, std::uint64_t length, std::uint64_t piece) {
  Scenario scenario{segment_of(content, "processes"), {}};
  scenario.threads = {
      {found(length), call("W.write_all", piece), call("W.finish"), call("W.wait_until_read")},
      {call("R.header"), call("R.read_all"), call("R.whole"), call("R.finish")}};
  return scenario;
}

// What one transfer should come to.
std::optional<Flaw> judge_transfer(const History& history, std::uint64_t length) {
  const std::string bytes = bytes_of(length);
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"R.header", "found " + std::to_string(length)},
      {"R.read_all", bytes + ", whole"},
      {"R.whole", "whole"},
      {"W.write_all", bytes},
      {"W.wait_until_read", "read"}};
  for (const auto& [name, result] : expected) {
    for (const Operation& operation : history) {
      if (operation.call == name && operation.result != result)
        return Flaw(name + " -> " + operation.result + ", and should be: " + result);
    }
  }
  return std::nullopt;
}

KIT_CHECK(Channel, CarriesContentOfAnySize,
          .why =
              "Most mistakes are at a boundary: nothing at all, one byte, just less than a "
              "segment, just more, and the last chunk of many.",
          .hint =
              "The last chunk has what is left, and no more. Content that has no bytes needs the "
              "end mark: there is no last chunk to post.",
          .function = kNext) {
  explain_calls();
  constexpr std::uint64_t kAll = 1 << 30;
  struct Case {
    std::size_t content;
    std::uint64_t length;
    std::uint64_t piece;
  };
  std::vector<Case> cases;
  for (const std::uint64_t length :
       {0, 1, 823, 824, 825, 411, 412, 413, 824 * 7 - 1, 824 * 7, 824 * 7 + 1})
    cases.push_back({824, length, kAll});
  cases.push_back({2, 9, kAll});
  cases.push_back({5, 33, 1});
  cases.push_back({65'536, 1'000'003, kAll});
  cases.push_back({4096, 40'001, 1000});
  for (const Case& each : cases) {
    forget_did();
    const History history = run_once(kProbe, transfer(each.content, each.length, each.piece));
    if (const auto flaw = judge_transfer(history, each.length))
      fail(bytes_of(each.length) + " come through a segment with room for " +
               std::to_string(each.content),
           flaw->what);
  }
}

KIT_CHECK(
    Channel, TellsWhatIsNotThere,
    .why = "The proxy must be able to tell a missing file from an empty one, and from a failure.",
    .hint =
        "The header says it, with length 0. A writer that ends without having said anything "
        "has failed.",
    .function = "proxy_cache::ChunkReader::header") {
  explain_calls();
  for (const std::string answer : {"found", "missing", "failed"}) {
    forget_did();
    require_results(kProbe, segment_of(10),
                    {{{"W.begin", {answer, "0"}}, "begun"},
                     {call("W.write", 5), "no room"},
                     {call("W.finish"), "finished"},
                     {call("R.header"), answer + " 0"},
                     {call("R.next"), "nothing"},
                     {call("R.whole"), "whole"},
                     {call("R.finish"), "finished"}});
  }
  forget_did();
  require_results(kProbe, segment_of(10),
                  {{call("W.finish"), "finished"}, {call("R.header"), "failed 0"}});
}

KIT_CHECK(Channel, StaysInItsMemory,
          .why = "Behind the end of a segment lies the next one, with somebody else's content.",
          .hint =
              "The control block and the slots lie within `memory`. What does not divide evenly is "
              "left over, not added.",
          .function = kRoom) {
  explain_calls();
  for (const std::size_t content : {2, 5, 100, 824, 4095}) {
    forget_did();
    const std::uint64_t slot = content / 2;
    require_results(kProbe, segment_of(content),
                    {{found(content * 3), "begun"},
                     {call("W.write", 1 << 20), bytes_of(slot)},
                     {call("W.write", 1 << 20), bytes_of(slot)},
                     {call("R.header"), "found " + std::to_string(content * 3)},
                     {call("R.next"), bytes_of(slot)},
                     {call("R.release"), "released"},
                     {call("R.next"), bytes_of(slot)},
                     {call("guard"), "untouched"}});
  }
}

KIT_CHECK(
    Channel, FillsOneSlotWhileAnotherIsRead,
    .why =
        "With one slot the two take turns, and each sleeps while the other one works. With "
        "two, the cache reads the next piece while the proxy sends this one.",
    .hint = "`free` begins at kSlots. Writer and reader each count their own slot: 0, 1, 0, 1.",
    .function = kRoom) {
  explain_calls();
  require_results(kProbe, segment_of(8),
                  {{call("W.patience", 3), "done"},
                   {found(20), "begun"},
                   {call("W.write", 4), "4 bytes"},
                   {call("W.write", 4), "4 bytes"},
                   {call("R.header"), "found 20"},
                   {call("R.next"), "4 bytes"},
                   {call("R.release"), "released"},
                   {call("W.write", 4), "4 bytes"},
                   {call("R.next"), "4 bytes"},
                   {call("R.release"), "released"},
                   {call("R.next"), "4 bytes"}});
}

KIT_CHECK(
    Channel, OverwritesNothingUnread,
    .why =
        "If the writer puts the next chunk where the last one is still being read, the client "
        "gets a mixture, and nobody notices.",
    .hint =
        "The writer waits for `free` before each chunk; the reader posts it when it has done "
        "with a chunk, not when it begins. Each post is for one slot, once.",
    .function = kRoom) {
  explain_calls();
  // Somebody who waits for room finds out after three looks that nobody will make any.
  const std::vector<Expected> begin = {{found(40), "begun"},
                                       {call("W.write", 4), "4 bytes"},
                                       {call("W.write", 4), "4 bytes"},
                                       {call("R.header"), "found 40"},
                                       {call("R.next"), "4 bytes"},
                                       {call("W.patience", 3), "done"}};
  std::vector<Expected> calls = begin;
  calls.push_back({call("W.write", 4), "no room"});
  calls.push_back({call("R.still"), "as it was"});
  require_results(kProbe, segment_of(8), calls);
  did("released twice, there is still room for one chunk only");
  calls = begin;
  calls.push_back({call("R.release"), "released"});
  calls.push_back({call("R.release"), "released"});
  calls.push_back({call("W.write", 4), "4 bytes"});
  calls.push_back({call("R.next"), "4 bytes"});
  calls.push_back({call("W.write", 4), "no room"});
  calls.push_back({call("R.still"), "as it was"});
  require_results(kProbe, segment_of(8), calls);
  did("next() releases the chunk before, once");
  calls = begin;
  calls.push_back({call("R.next"), "4 bytes"});
  calls.push_back({call("W.write", 4), "4 bytes"});
  calls.push_back({call("W.write", 4), "no room"});
  calls.push_back({call("R.still"), "as it was"});
  require_results(kProbe, segment_of(8), calls);
}

KIT_CHECK(Channel, TellsThatContentWasCut,
          .why =
              "A file that cannot be read on, or a cache that is stopped: the client must not take "
              "the half for the whole.",
          .hint =
              "finish() posts the end mark, a slot of 0 bytes, unless `length` bytes have been "
              "published. is_whole() counts what has come.",
          .function = "proxy_cache::ChunkWriter::finish") {
  explain_calls();
  for (const std::uint64_t sent : {0, 1, 4, 8, 11}) {
    forget_did();
    Scenario scenario{segment_of(8, "processes"), {}};
    std::vector<Call> writer = {found(12)};
    for (std::uint64_t left = sent; left > 0; left -= std::min<std::uint64_t>(left, 4))
      writer.push_back(call("W.write", std::min<std::uint64_t>(left, 4)));
    writer.push_back(call("W.finish"));
    scenario.threads = {writer, {call("R.header"), call("R.read_all"), call("R.finish")}};
    for (const Operation& operation : run_once(kProbe, scenario)) {
      if (operation.call == "R.header") require_equal("R.header()", operation.result, "found 12");
      if (operation.call == "R.read_all") {
        require_equal("R.read_all(), when the writer ends after " + bytes_of(sent) + " of 12",
                      operation.result, bytes_of(sent) + ", cut");
      }
    }
  }
}

KIT_CHECK(
    Channel, MayBeLeftEarly,
    .why =
        "A client goes away in the middle. The segment is needed for the next one, so the "
        "writer must let go of it, and it may not send the rest to nobody first.",
    .hint =
        "finish() says so in the control block, and then takes and releases what still comes, "
        "until the end mark. room() looks at it after its wait.",
    .function = "proxy_cache::ChunkReader::finish") {
  explain_calls();
  constexpr std::uint64_t kLength = 100'000;
  for (const int chunks : {0, 1, 3}) {
    forget_did();
    Scenario scenario{segment_of(8, "processes"), {}};
    std::vector<Call> reader = {call("R.header")};
    for (int i = 0; i < chunks; ++i) reader.push_back(call("R.next"));
    reader.push_back(call("R.finish"));
    reader.push_back(call("R.whole"));
    scenario.threads = {
        {found(kLength), call("W.write_all"), call("W.finish"), call("W.wait_until_read")}, reader};
    for (const Operation& operation : run_once(kProbe, scenario)) {
      if (operation.call == "R.whole") require_equal("R.whole()", operation.result, "cut");
      if (operation.call == "W.wait_until_read")
        require_equal("W.wait_until_read()", operation.result, "read");
      if (operation.call != "W.write_all") continue;
      const std::uint64_t written = std::stoull(operation.result);
      require(written < 8 * 16, "the writer stops soon after the reader has left",
              "it has written " + varies(operation.result));
    }
  }
}

KIT_CHECK(Channel, KeepsProcessesInStep,
          .why =
              "The two are different processes, and each may be interrupted at any point. A "
              "semaphore that is posted once too often lets one overtake the other; one that is "
              "posted too seldom stops both.",
          .hint =
              "sem_init(3) with pshared 1. Each slot that was waited for is posted once, on every "
              "way. After the last post, the writer touches nothing of the segment.",
          .function = kRoom) {
  explain_calls();
  std::uint64_t length = 0;
  check_few_histories(
      kProbe, "all content comes, byte for byte, and both sides come to an end",
      [&](std::mt19937_64& random) {
        const bool is_explored = config().mode == Mode::kExplore;
        const std::size_t content = 2 + random() % 4;
        length = random() % (is_explored ? 7 : 40);
        return transfer(content, length, 1 + random() % 3);
      },
      [&](const History& history) -> std::optional<Flaw> {
        return judge_transfer(history, length);
      },
      effort(4, 100));
}

// Some transfers through one segment, one after the other. Some of them are left early.
struct Uses {
  Scenario scenario;
  std::vector<std::uint64_t> lengths;
  std::vector<bool> are_left;
};

Uses make_uses(std::mt19937_64& random) {
  Uses uses{{segment_of(4, "processes"), {{}, {}}}, {}, {}};
  const int count = config().mode == Mode::kExplore ? 2 : 5;
  for (int i = 0; i < count; ++i) {
    const std::uint64_t length = random() % 7;
    const bool is_left = i % 2 == 0 && random() % 3 != 0;
    uses.lengths.push_back(length);
    uses.are_left.push_back(is_left);
    std::vector<Call>& writer = uses.scenario.threads[0];
    std::vector<Call>& reader = uses.scenario.threads[1];
    if (i > 0) reader.push_back(call("R.hand"));
    if (i > 0) writer.push_back(call("W.take"));
    for (const Call& each : {found(length), call("W.write_all", 2), call("W.finish")})
      writer.push_back(each);
    reader.push_back(call("R.header"));
    reader.push_back(call(is_left ? "R.next" : "R.read_all"));
    reader.push_back(call("R.finish"));
  }
  return uses;
}

std::optional<Flaw> judge_uses(const History& history, const Uses& uses) {
  std::size_t number = 0;
  for (const Operation& operation : history) {
    const std::string& name = operation.call;
    if (name == "R.hand") ++number;
    if (number >= uses.lengths.size()) return std::nullopt;
    const std::uint64_t length = uses.lengths[number];
    const std::string which = "transfer " + std::to_string(number + 1) + ": " + name + " -> ";
    const std::string wanted = name == "R.header"     ? "found " + std::to_string(length)
                               : name == "R.read_all" ? bytes_of(length) + ", whole"
                                                      : operation.result;
    if (operation.result != wanted)
      return Flaw(which + operation.result + ", and should be: " + wanted);
    if (operation.result.find("wrong") != std::string::npos) return Flaw(which + operation.result);
  }
  return std::nullopt;
}

KIT_CHECK(Channel, MayBeUsedAgain,
          .why =
              "A segment goes from request to request. If the cache still touches it for the last "
              "one, the next one finds a post, or a byte, that is not its own.",
          .hint =
              "finish() of the reader returns only when the writer has let go, and the writer's "
              "last post is the last thing that it does.",
          .function = "proxy_cache::ChunkReader::finish") {
  explain_calls();
  Uses uses;
  check_few_histories(
      kProbe, "each transfer is whole, whatever the one before it in the same segment came to",
      [&](std::mt19937_64& random) {
        uses = make_uses(random);
        return uses.scenario;
      },
      [&](const History& history) { return judge_uses(history, uses); }, effort(4, 100));
}

KIT_CHECK(Channel, WakesTheOtherProcess,
          .why =
              "Who is not woken finds out by itself, when it looks whether the other one still "
              "lives, every kLookMs. Each chunk then costs 50 ms.",
          .hint =
              "sem_init(3) with pshared 1: otherwise sem_post(3) wakes only threads of its own "
              "process.",
          .function = "proxy_cache::ShmChannel::init") {
  explain_calls();
  constexpr int kChunks = 10;
  Scenario scenario{segment_of(8, "processes"), {{found(4 * kChunks)}, {}}};
  for (int i = 0; i < kChunks; ++i) {
    scenario.threads[0].push_back(call("W.await"));
    scenario.threads[0].push_back(call("W.write", 4));
    // The header comes with the first chunk.
    if (i == 0) scenario.threads[1].push_back(call("R.header"));
    scenario.threads[1].push_back(call("R.next"));
    scenario.threads[1].push_back(call("R.release"));
  }
  const History history = run_once(kProbe, scenario);
  std::vector<std::int64_t> written_ns, read_ns;
  for (const Operation& operation : history) {
    if (operation.result == "not known") return;
    if (operation.call == "W.write") written_ns.push_back(operation.end_ns);
    // The first write ends the wait for the header.
    const bool has_waited =
        operation.call == "R.header" || (operation.call == "R.next" && operation.index > 1);
    if (has_waited) read_ns.push_back(operation.end_ns);
  }
  constexpr std::int64_t kLimitMs = 25;
  std::int64_t quickest_ms = 1000;
  for (std::size_t i = 0; i < written_ns.size() && i < read_ns.size(); ++i)
    quickest_ms = std::min(quickest_ms, (read_ns[i] - written_ns[i]) / 1'000'000);
  require(quickest_ms < kLimitMs, "the reader has a chunk as soon as the writer has posted it",
          "the quickest of several times, it took " + varies(std::to_string(quickest_ms)) + " ms");
}

KIT_CHECK(
    Channel, SleepsWhileItWaits,
    .why =
        "An idle pair uses no processor. And who looks over and over takes the processor from "
        "the one it waits for.",
    .hint = "sem_clockwait(3) sleeps until the post, or for kLookMs. No sem_trywait(3) in a loop.",
    .function = kRoom) {
  explain_calls();
  require_results(kProbe, segment_of(8),
                  {{call("R.patience", 6), "done"},
                   {call("R.header"), "no header"},
                   {call("R.cpu"), "asleep"}});
  forget_did();
  require_results(kProbe, segment_of(8),
                  {{found(20), "begun"},
                   {call("W.write", 4), "4 bytes"},
                   {call("W.write", 4), "4 bytes"},
                   {call("W.patience", 6), "done"},
                   {call("W.write", 4), "no room"},
                   {call("W.cpu"), "asleep"}});
}

// Content that comes is right, whatever becomes of the other side; and it is whole only if it is.
std::optional<Flaw> judge_death(const History& history, std::uint64_t length, bool reader_lives,
                                bool writer_lives) {
  for (const Operation& operation : history) {
    const std::string& result = operation.result;
    if (result.find("wrong") != std::string::npos || result.rfind("threw", 0) == 0)
      return Flaw(render(operation));
    const bool is_read = operation.call == "R.read_all" && operation.completed;
    if (is_read && result.find("whole") != std::string::npos &&
        result != bytes_of(length) + ", whole")
      return Flaw("of " + bytes_of(length) + ": " + render(operation));
    if (operation.call == "R.header" && operation.completed && result != "no header" &&
        result != "found " + std::to_string(length))
      return Flaw(render(operation));
    const bool must_go_on = operation.call[0] == 'R' ? reader_lives : writer_lives;
    if (must_go_on && !operation.completed) return Flaw(render(operation));
  }
  return std::nullopt;
}

void explore_deaths() {
  std::uint64_t length = 0;
  CheckOptions options = effort(3, 120);
  options.has_deaths = true;
  check_histories(
      kProbe,
      "whoever of the two is killed, the other one comes to an end, and takes no half for a whole",
      [&](std::mt19937_64& random) {
        length = random() % 6;
        Scenario scenario = transfer(4, length, 2);
        return scenario;
      },
      [&](const History& history) { return judge_death(history, length, false, false); }, options);
}

KIT_CHECK(Channel, NoticesADeath,
          .why =
              "A process that was killed posts nothing any more. Who waits for it without a look "
              "waits for ever, and with it a client, and a segment.",
          .hint =
              "Wait kLookMs at a time, and ask is_alive() each time. What was posted before the "
              "death still counts.",
          .function = kNext) {
  explain_calls();
  if (config().mode == Mode::kExplore) return explore_deaths();
  constexpr std::uint64_t kLength = 20;
  for (const int chunks : {0, 1, 2, 4}) {
    forget_did();
    did("the writer is killed after " + std::to_string(chunks) + " chunks of 5");
    Scenario scenario{segment_of(8, "processes"), {{found(kLength)}, {}}};
    for (int i = 0; i < chunks; ++i) scenario.threads[0].push_back(call("W.write", 4));
    scenario.threads[0].push_back(call("W.die"));
    scenario.threads[1] = {call("R.header"), call("R.read_all"), call("R.whole"), call("R.finish")};
    const History history = run_once(kProbe, scenario);
    if (const auto flaw = judge_death(history, kLength, true, false))
      fail("the reader comes to an end, and has what was posted", flaw->what);
    for (const Operation& operation : history) {
      if (operation.call == "R.whole") require_equal("R.whole()", operation.result, "cut");
      if (operation.call == "R.read_all")
        require_equal("R.read_all()", operation.result, bytes_of(4u * chunks) + ", cut");
    }
  }
  for (const int chunks : {0, 1, 3}) {
    forget_did();
    did("the reader is killed when it has read " + std::to_string(chunks) + " chunks of 5");
    Scenario scenario{segment_of(8, "processes"), {{}, {call("R.header")}}};
    for (int i = 0; i < chunks; ++i) scenario.threads[1].push_back(call("R.next"));
    scenario.threads[1].push_back(call("R.die"));
    scenario.threads[0] = {found(kLength), call("W.write_all", 4), call("W.finish"),
                           call("W.wait_until_read")};
    const History history = run_once(kProbe, scenario);
    if (const auto flaw = judge_death(history, kLength, false, true))
      fail("the writer comes to an end", flaw->what);
    require_equal("W.wait_until_read()", history[3].result, "the reader is dead");
  }
}

}  // namespace
}  // namespace kit::proxy_cache_lab
