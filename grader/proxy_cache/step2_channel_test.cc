// Step 2: the chunk handshake: content that comes through.
#include <algorithm>
#include <cstdint>
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

KIT_CHECK(Channel, CarriesContent, .why = "Everything that a client gets comes this way.",
          .hint =
              "begin() writes the header down; the first post makes it visible. room() waits for "
              "`free`, publish() posts `filled`, next() waits for `filled`, release() posts "
              "`free`.",
          .function = kNext) {
  explain_channel_calls();
  require_results(kChannelProbe, segment_of(10),
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

KIT_CHECK(Channel, CarriesContentOfAnySize,
          .why =
              "Most mistakes are at a boundary: nothing at all, one byte, just less than a "
              "segment, just more, and the last chunk of many.",
          .hint =
              "The last chunk has what is left, and no more. Content that has no bytes needs the "
              "end mark: there is no last chunk to post.",
          .function = kNext) {
  explain_channel_calls();
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
    const History history =
        run_once(kChannelProbe, transfer(each.content, each.length, each.piece));
    if (const auto flaw = judge_transfer(history))
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
  explain_channel_calls();
  for (const std::string answer : {"found", "missing", "failed"}) {
    forget_did();
    require_results(kChannelProbe, segment_of(10),
                    {{{"W.begin", {answer, "0"}}, "begun"},
                     {call("W.write", 5), "no room"},
                     {call("W.finish"), "finished"},
                     {call("R.header"), answer + " 0"},
                     {call("R.next"), "nothing"},
                     {call("R.whole"), "whole"},
                     {call("R.finish"), "finished"}});
  }
  forget_did();
  require_results(kChannelProbe, segment_of(10),
                  {{call("W.finish"), "finished"}, {call("R.header"), "failed 0"}});
}

KIT_CHECK(Channel, StaysInItsMemory,
          .why = "Behind the end of a segment lies the next one, with somebody else's content.",
          .hint =
              "The control block and the slots lie within `memory`. What does not divide evenly is "
              "left over, not added.",
          .function = kRoom) {
  explain_channel_calls();
  for (const std::size_t content : {2, 5, 100, 824, 4095}) {
    forget_did();
    const std::uint64_t slot = content / 2;
    require_results(kChannelProbe, segment_of(content),
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
  explain_channel_calls();
  require_results(kChannelProbe, segment_of(8),
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
  explain_channel_calls();
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
  require_results(kChannelProbe, segment_of(8), calls);
  did("released twice, there is still room for one chunk only");
  calls = begin;
  calls.push_back({call("R.release"), "released"});
  calls.push_back({call("R.release"), "released"});
  calls.push_back({call("W.write", 4), "4 bytes"});
  calls.push_back({call("R.next"), "4 bytes"});
  calls.push_back({call("W.write", 4), "no room"});
  calls.push_back({call("R.still"), "as it was"});
  require_results(kChannelProbe, segment_of(8), calls);
  did("next() releases the chunk before, once");
  calls = begin;
  calls.push_back({call("R.next"), "4 bytes"});
  calls.push_back({call("W.write", 4), "4 bytes"});
  calls.push_back({call("W.write", 4), "no room"});
  calls.push_back({call("R.still"), "as it was"});
  require_results(kChannelProbe, segment_of(8), calls);
}

}  // namespace
}  // namespace kit::proxy_cache_lab
