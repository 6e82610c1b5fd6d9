#include "grader/explore/driver/names.h"

#include <string.h>

#include <algorithm>

namespace kit::explore {
namespace {

const char* what_kind(Op op) {
  switch (op) {
    case Op::kLock:
    case Op::kTryLock:
    case Op::kUnlock:
    case Op::kReadLock:
      return "mutex";
    case Op::kCondWait:
    case Op::kCondWoken:
    case Op::kSignal:
    case Op::kBroadcast:
      return "condition";
    case Op::kSemWait:
    case Op::kSemPost:
      return "semaphore";
    case Op::kBarrier:
      return "barrier";
    default:
      return "memory";
  }
}

// It comes from the program's memory.
std::string cleaned(const char (&name)[kNameBytes]) {
  std::string clean(name, strnlen(name, sizeof name));
  for (char& letter : clean) {
    if (letter < ' ' || letter > '~') letter = '?';
  }
  return clean;
}

}  // namespace

std::string Names::thread(int thread) const {
  if (thread < 0 || thread >= kMaxThreads) return "nobody";
  const ThreadEnd& end = channel_.outcome.ends[thread];
  const std::string given = cleaned(end.name);
  if (!given.empty()) return given;
  const int process = end.process;
  const std::string name = thread == 0 ? "main" : "T" + std::to_string(thread);
  return process == 0 ? name : "P" + std::to_string(process) + '.' + name;
}

std::string Names::object(std::uint64_t key) {
  auto [at, is_new] = given_.try_emplace(key);
  if (!is_new) return at->second;
  if (key > channel_.load_base && key >> 63 == 0)
    at->second = symbols_.global((key & ((1ull << 48) - 1)) - channel_.load_base);
  // "ring::Parser::next()::line" is a line by any other name.
  at->second = at->second.substr(at->second.rfind(':') + 1);
  if (!at->second.empty()) return at->second;
  const char* kind = "memory";
  const auto events = std::min<std::uint32_t>(channel_.event_count, kMaxEvents);
  for (std::uint32_t i = 0; i < events; ++i) {
    if (channel_.events[i].object == key) kind = what_kind(channel_.events[i].op);
  }
  return at->second = std::string(kind) + ' ' + std::to_string(++count_[kind]);
}

}  // namespace kit::explore
