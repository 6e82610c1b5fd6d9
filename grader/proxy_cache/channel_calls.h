// The calls of channel_probe.cc, and one transfer between two processes, for the checks of step 2.
//
// Thread-safety: nothing is kept. Errors: none.
#ifndef GRADER_PROXY_CACHE_CHANNEL_CALLS_H_
#define GRADER_PROXY_CACHE_CHANNEL_CALLS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "grader/harness/history.h"
#include "grader/harness/rounds.h"
#include "grader/harness/scenario.h"

namespace kit::proxy_cache_lab {

inline constexpr char kChannelProbe[] = "channel_probe";

// Calls of both ends.
Call call(const std::string& name);
Call call(const std::string& name, std::uint64_t number);
Call found(std::uint64_t length);

// The setup: so many bytes of content have room in the segment at a time.
Words segment_of(std::size_t content, const std::string& kind = "threads");

// "1 byte", "2 bytes".
std::string bytes_of(std::uint64_t count);

// Says below a finding what the calls mean.
void explain_channel_calls();

// Whether these are all calls of the scenario. One that was made smaller, to show a mistake in
// fewer steps, is another one: a reader of whom the half was left out need not get anything.
bool has_all_calls(const History& history, const Scenario& scenario);

// The lengths that the writer has announced, in order. std::nullopt when it does not go on to write
// all of each: no student's mistake, but a scenario that was made too small.
std::optional<std::vector<std::uint64_t>> announced(const History& history);

// One transfer between two processes, and what it should come to.
Scenario transfer(std::size_t content, std::uint64_t length, std::uint64_t piece);
std::optional<Flaw> judge_transfer(const History& history);

}  // namespace kit::proxy_cache_lab

#endif  // GRADER_PROXY_CACHE_CHANNEL_CALLS_H_
