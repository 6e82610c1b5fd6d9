#include "grader/proxy_cache/channel_calls.h"

#include <utility>
#include <vector>

#include "grader/harness/check.h"

namespace kit::proxy_cache_lab {

Call call(const std::string& name) { return {name, {}}; }

Call call(const std::string& name, std::uint64_t number) {
  return {name, {std::to_string(number)}};
}

Call found(std::uint64_t length) { return {"W.begin", {"found", std::to_string(length)}}; }

Words segment_of(std::size_t content, const std::string& kind) {
  return {std::to_string(content), kind};
}

std::string bytes_of(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " byte" : " bytes");
}

void explain_channel_calls() {
  add_evidence(
      "In the calls above, W is the ChunkWriter and R the ChunkReader of one segment, and\n"
      "  write(n)      is room(), and publish() of n bytes, or of all that there is room for\n"
      "  write_all(n)  is write(n) until there is no room\n"
      "  read_all      is next() and release() until next() is empty, and then is_whole()\n"
      "  still         looks whether the last chunk is still as it was\n"
      "  whole         is is_whole()\n"
      "  patience(n)   is_alive() is false from the nth time on\n"
      "  slept         whether its last call gave the processor away while it waited\n"
      "  woken         whether its last call ended without another look whether the other one "
      "lives\n"
      "  die           its process kills itself\n"
      "  await         waits until the other one is known to wait in its call\n"
      "  hand, take    R uses the memory for something else and makes it anew by init(), and then\n"
      "                W begins another transfer in it\n");
}

Scenario transfer(std::size_t content, std::uint64_t length, std::uint64_t piece) {
  Scenario scenario{segment_of(content, "processes"), {}};
  scenario.threads = {
      {found(length), call("W.write_all", piece), call("W.finish"), call("W.wait_until_read")},
      {call("R.header"), call("R.read_all"), call("R.whole"), call("R.finish")}};
  return scenario;
}

bool has_all_calls(const History& history, const Scenario& scenario) {
  std::size_t calls = 0;
  for (const std::vector<Call>& thread : scenario.threads) calls += thread.size();
  return history.size() == calls;
}

std::optional<std::vector<std::uint64_t>> announced(const History& history) {
  std::vector<std::uint64_t> lengths;
  for (const Operation& operation : history) {
    const Words& args = operation.args;
    if (operation.call == "W.begin") {
      if (args.at(0) != "found") return std::nullopt;
      lengths.push_back(std::stoull(args.at(1)));
    }
    if (operation.call == "W.write_all" && !args.empty() && args[0] == "0") return std::nullopt;
  }
  return lengths;
}

std::optional<Flaw> judge_transfer(const History& history) {
  const auto lengths = announced(history);
  if (!lengths || !has_all_calls(history, transfer(1, 0, 1))) return std::nullopt;
  const std::uint64_t length = lengths->at(0);
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

}  // namespace kit::proxy_cache_lab
