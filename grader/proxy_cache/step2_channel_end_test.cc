// Step 2: the chunk handshake: how the two keep in step, and how a transfer ends.
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "grader/harness/check.h"
#include "grader/harness/probe_run.h"
#include "grader/harness/rounds.h"
#include "grader/proxy_cache/channel_calls.h"
#include "grader/proxy_cache/few_histories.h"

namespace kit::proxy_cache_lab {
namespace {

constexpr char kRoom[] = "proxy_cache::ChunkWriter::room";
constexpr char kNext[] = "proxy_cache::ChunkReader::next";

KIT_CHECK(Channel, TellsThatContentWasCut,
          .why =
              "A file that cannot be read on, or a cache that is stopped: the client must not take "
              "the half for the whole.",
          .hint =
              "finish() posts the end mark, a slot of 0 bytes, unless `length` bytes have been "
              "published. is_whole() counts what has come.",
          .function = "proxy_cache::ChunkWriter::finish") {
  explain_channel_calls();
  for (const std::uint64_t sent : {0, 1, 4, 8, 11}) {
    forget_did();
    Scenario scenario{segment_of(8, "processes"), {}};
    std::vector<Call> writer = {found(12)};
    for (std::uint64_t left = sent; left > 0; left -= std::min<std::uint64_t>(left, 4))
      writer.push_back(call("W.write", std::min<std::uint64_t>(left, 4)));
    writer.push_back(call("W.finish"));
    scenario.threads = {writer, {call("R.header"), call("R.read_all"), call("R.finish")}};
    for (const Operation& operation : run_once(kChannelProbe, scenario)) {
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
  explain_channel_calls();
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
    for (const Operation& operation : run_once(kChannelProbe, scenario)) {
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
  explain_channel_calls();
  check_few_histories(
      kChannelProbe, "all content comes, byte for byte, and both sides come to an end",
      [](std::mt19937_64& random) {
        const bool is_explored = config().mode == Mode::kExplore;
        const std::size_t content = 2 + random() % 4;
        const std::uint64_t length = random() % (is_explored ? 7 : 40);
        return transfer(content, length, 1 + random() % 3);
      },
      judge_transfer, effort(4, 100));
}

// Some transfers through one segment, one after the other. Some of them are left early.
Scenario make_uses(std::mt19937_64& random) {
  Scenario scenario{segment_of(4, "processes"), {{}, {}}};
  std::vector<Call>& writer = scenario.threads[0];
  std::vector<Call>& reader = scenario.threads[1];
  const int count = config().mode == Mode::kExplore ? 2 : 5;
  for (int i = 0; i < count; ++i) {
    const std::uint64_t length = random() % 7;
    const bool is_left = i % 2 == 0 && random() % 3 != 0;
    if (i > 0) reader.push_back(call("R.hand"));
    if (i > 0) writer.push_back(call("W.take"));
    for (const Call& each : {found(length), call("W.write_all", 2), call("W.finish")})
      writer.push_back(each);
    reader.push_back(call("R.header"));
    reader.push_back(call(is_left ? "R.next" : "R.read_all"));
    reader.push_back(call("R.finish"));
  }
  return scenario;
}

// False when the scenario was made smaller, and now a half of it is missing somewhere.
bool has_both_sides(const History& history) {
  std::map<std::string, std::size_t> calls;
  for (const Operation& operation : history) ++calls[operation.call];
  const std::size_t uses = calls["W.begin"];
  for (const char* each : {"W.write_all", "W.finish", "R.header", "R.finish"}) {
    if (calls[each] != uses) return false;
  }
  return calls["R.next"] + calls["R.read_all"] == uses && calls["W.take"] + 1 == uses &&
         calls["R.hand"] + 1 == uses;
}

std::optional<Flaw> judge_uses(const History& history) {
  const auto lengths = announced(history);
  if (!lengths || !has_both_sides(history)) return std::nullopt;
  std::size_t number = 0;
  for (const Operation& operation : history) {
    const std::string& name = operation.call;
    if (name == "R.hand") ++number;
    if (number >= lengths->size()) return std::nullopt;
    const std::uint64_t length = (*lengths)[number];
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
  explain_channel_calls();
  check_few_histories(
      kChannelProbe,
      "each transfer is whole, whatever the one before it in the same segment came to", make_uses,
      judge_uses, effort(4, 100));
}

KIT_CHECK(Channel, WakesTheOtherProcess,
          .why =
              "Who is not woken finds out by itself, when it looks whether the other one still "
              "lives, every kLookMs. Each chunk then costs 50 ms.",
          .hint =
              "sem_init(3) with pshared 1: otherwise sem_post(3) wakes only threads of its own "
              "process.",
          .function = "proxy_cache::ShmChannel::init") {
  explain_channel_calls();
  constexpr int kChunks = 10;
  Scenario scenario{segment_of(8, "processes"), {{found(4 * kChunks)}, {}}};
  for (int i = 0; i < kChunks; ++i) {
    scenario.threads[0].push_back(call("W.await"));
    scenario.threads[0].push_back(call("W.write", 4));
    // The header comes with the first chunk.
    if (i == 0) scenario.threads[1].push_back(call("R.header"));
    if (i > 0) scenario.threads[1].push_back(call("R.next"));
    scenario.threads[1].push_back(call("R.woken"));
    if (i == 0) scenario.threads[1].push_back(call("R.next"));
    scenario.threads[1].push_back(call("R.release"));
  }
  int woken = 0;
  for (const Operation& operation : run_once(kChannelProbe, scenario)) {
    if (operation.result == "not known") return;
    woken += operation.result == "woken";
  }
  // It may well look at the very moment of a post; not at each of them.
  require(woken > 0, "the reader is woken by the writer's post",
          "each of " + std::to_string(kChunks) +
              " times it slept on, until it looked whether the writer still lives");
}

KIT_CHECK(
    Channel, SleepsWhileItWaits,
    .why =
        "An idle pair uses no processor. And who looks over and over takes the processor from "
        "the one it waits for.",
    .hint = "sem_clockwait(3) sleeps until the post, or for kLookMs. No sem_trywait(3) in a loop.",
    .function = kRoom) {
  explain_channel_calls();
  require_results(kChannelProbe, segment_of(8),
                  {{call("R.patience", 6), "done"},
                   {call("R.header"), "no header"},
                   {call("R.slept"), "slept"}});
  forget_did();
  require_results(kChannelProbe, segment_of(8),
                  {{found(20), "begun"},
                   {call("W.write", 4), "4 bytes"},
                   {call("W.write", 4), "4 bytes"},
                   {call("W.patience", 6), "done"},
                   {call("W.write", 4), "no room"},
                   {call("W.slept"), "slept"}});
}

// The length that was announced. std::nullopt when the scenario was made smaller, and the writer
// says nothing of what it writes. (Of who is killed, not all calls are there.)
std::optional<std::uint64_t> length_of(const History& history) {
  const auto lengths = announced(history);
  if (!lengths) return std::nullopt;
  if (!lengths->empty()) return lengths->front();
  for (const Operation& operation : history) {
    if (operation.call[0] == 'W') return std::nullopt;
  }
  return 0;  // it was killed before it said anything
}

// Content that comes is right, whatever becomes of the other side; and it is whole only if it is.
std::optional<Flaw> judge_death(const History& history, bool reader_lives, bool writer_lives) {
  const auto announced_length = length_of(history);
  if (!announced_length) return std::nullopt;
  const std::uint64_t length = *announced_length;
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
  CheckOptions options = effort(3, 120);
  options.has_deaths = true;
  check_histories(
      kChannelProbe,
      "whoever of the two is killed, the other one comes to an end, and takes no half for a whole",
      [](std::mt19937_64& random) { return transfer(4, random() % 6, 2); },
      [](const History& history) { return judge_death(history, false, false); }, options);
}

KIT_CHECK(Channel, NoticesADeath,
          .why =
              "A process that was killed posts nothing any more. Who waits for it without a look "
              "waits for ever, and with it a client, and a segment.",
          .hint =
              "Wait kLookMs at a time, and ask is_alive() each time. What was posted before the "
              "death still counts.",
          .function = kNext) {
  explain_channel_calls();
  if (config().mode == Mode::kExplore) return explore_deaths();
  constexpr std::uint64_t kLength = 20;
  for (const int chunks : {0, 1, 2, 4}) {
    forget_did();
    did("the writer is killed after " + std::to_string(chunks) + " chunks of 5");
    Scenario scenario{segment_of(8, "processes"), {{found(kLength)}, {}}};
    for (int i = 0; i < chunks; ++i) scenario.threads[0].push_back(call("W.write", 4));
    scenario.threads[0].push_back(call("W.die"));
    scenario.threads[1] = {call("R.header"), call("R.read_all"), call("R.whole"), call("R.finish")};
    const History history = run_once(kChannelProbe, scenario);
    if (const auto flaw = judge_death(history, true, false))
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
    const History history = run_once(kChannelProbe, scenario);
    if (const auto flaw = judge_death(history, false, true))
      fail("the writer comes to an end", flaw->what);
    require_equal("W.wait_until_read()", history[3].result, "the reader is dead");
  }
}

}  // namespace
}  // namespace kit::proxy_cache_lab
