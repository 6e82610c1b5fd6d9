#include "grader/harness/stacks.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <sstream>
#include <string_view>
#include <vector>

#include "grader/harness/command.h"
#include "grader/harness/function_name.h"

namespace kit {
namespace {

constexpr int kToolLimitMs = 10'000;

// All frames of a thread, those of libraries too.
struct RawStack {
  pid_t tid = 0;
  std::vector<Frame> frames;
};

// "#5  0x000055f4 std::mutex::lock()" -> the function.
std::string function_of(const std::string& line) {
  const std::size_t address = line.find("0x");
  const std::size_t space = line.find(' ', address);
  return address == std::string::npos || space == std::string::npos ? "" : line.substr(space + 1);
}

// "    labs/x/server.cc:12:3" -> without the column.
std::string place_of(const std::string& line) {
  const std::size_t begin = line.find_first_not_of(' ');
  const std::size_t column = line.rfind(':');
  return begin == std::string::npos ? "" : line.substr(begin, column - begin);
}

std::vector<RawStack> parse(const std::string& text) {
  std::vector<RawStack> stacks;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("TID ", 0) == 0) {
      stacks.push_back({std::atoi(line.c_str() + 4), {}});
    } else if (stacks.empty()) {
      continue;
    } else if (line.rfind('#', 0) == 0) {
      stacks.back().frames.push_back({function_of(line), ""});
    } else if (!stacks.back().frames.empty()) {
      stacks.back().frames.back().place = place_of(line);
    }
  }
  return stacks;
}

// What glibc calls them inside, and what a person calls them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kPublicNames = {{
    {"pthread_clockjoin_ex", "pthread_join"},
    {"pthread_cond_wait_common", "pthread_cond_wait"},
}};

std::string public_name(std::string name) {
  if (name.rfind("libc_", 0) == 0) name.erase(0, 5);
  for (const auto& [inside, outside] : kPublicNames) {
    if (name.rfind(inside, 0) == 0) return std::string(outside);
  }
  return name;
}

// How a person knows the function in which a thread waits: "___pthread_mutex_lock" is
// pthread_mutex_lock, and what lies below it is glibc's own business.
std::string waiting_in(const std::vector<Frame>& frames) {
  static constexpr std::array<std::string_view, 6> kInside = {"futex", "lll_",    "internal_",
                                                              "clone", "syscall", "kill"};
  for (const Frame& frame : frames) {
    std::string name = frame.function.substr(0, frame.function.find_first_of("(<"));
    if (name.rfind("__GI_", 0) == 0) name.erase(0, 5);
    name.erase(0, std::min(name.find_first_not_of('_'), name.size()));
    name = name.substr(0, name.find('@'));
    const bool is_inside =
        std::any_of(kInside.begin(), kInside.end(), [&](std::string_view prefix) {
          return name.rfind(prefix, 0) == 0 || name.find("futex") != std::string::npos;
        });
    if (name == "operator") return "a lambda";  // "operator()" without its parentheses
    if (!name.empty() && !is_inside) return public_name(name);
  }
  return "unknown code";
}

bool is_own(const Frame& frame, const OwnCode& own) { return own.is_in(frame.place); }

// interpose/crash.cc stops the thread in its handler of the signal.
bool is_crash_handler(const Frame& frame) {
  return frame.place.find("harness/interpose/crash.cc") != std::string::npos;
}

ThreadStack digest(const RawStack& raw, const OwnCode& own) {
  ThreadStack stack;
  stack.tid = raw.tid;
  stack.is_at_work = !raw.frames.empty() && is_own(raw.frames.front(), own);
  stack.has_died = std::any_of(raw.frames.begin(), raw.frames.end(), is_crash_handler);
  stack.waits_in = waiting_in(raw.frames);
  for (const Frame& frame : raw.frames) {
    if (is_own(frame, own)) stack.own.push_back({short_function_name(frame.function), frame.place});
  }
  return stack;
}

std::string what_it_does(const ThreadStack& stack) {
  if (stack.has_died) return "died here:";
  return stack.is_at_work ? "is at work" : "waits in " + stack.waits_in;
}

// Endless recursion is the same line over and over: a line, and how often it was there once more.
constexpr std::string_view kRepeated = "    ... and ";
constexpr int kEndless = 100;

std::string render(const ThreadStack& stack) {
  std::string out = what_it_does(stack) + '\n';
  std::string last;
  int times = 0;
  const auto end_repeated = [&] {
    if (times > 1) out += std::string(kRepeated) + std::to_string(times - 1) + " times more\n";
  };
  for (const Frame& frame : stack.own) {
    const std::string line = "    " + frame.function + "  " + frame.place + '\n';
    if (line != last) {
      end_repeated();
      times = 0;
      out += line;
      last = line;
    }
    ++times;
  }
  end_repeated();
  return out;
}

}  // namespace

Stacks read_stacks(pid_t pid, const OwnCode& own) {
  const CommandResult result = run_command({"eu-stack", "-i", "-s", "-p", std::to_string(pid)},
                                           Deadline::after_ms(kToolLimitMs));
  Stacks stacks;
  for (const RawStack& raw : parse(result.out)) stacks.threads.push_back(digest(raw, own));
  std::stable_partition(stacks.threads.begin(), stacks.threads.end(),
                        [](const ThreadStack& stack) { return stack.has_died; });
  if (stacks.threads.empty())
    stacks.problem = "The stacks of the process could not be taken: " + result.err;
  return stacks;
}

std::string render(const Stacks& stacks) {
  std::string out = stacks.problem;
  int number = 0;
  for (const ThreadStack& stack : stacks.threads) {
    out += "thread " + std::to_string(++number) + ' ' + render(stack);
  }
  return out;
}

std::string take_stacks(pid_t pid, const OwnCode& own) { return render(read_stacks(pid, own)); }

namespace {

// The "file:line" at the end of a stack's line; "" in the lines that stand between stacks.
std::string place_in(const std::string& line) {
  if (line.rfind("    ", 0) != 0) return "";
  const std::string last = line.substr(line.rfind(' ') + 1);
  const std::size_t colon = last.rfind(':');
  const bool is_place = colon != std::string::npos && colon + 1 < last.size() &&
                        last.find_first_not_of("0123456789", colon + 1) == std::string::npos;
  return is_place ? last : "";
}

bool is_endless(const std::string& line) {
  return line.rfind(kRepeated, 0) == 0 && std::atoi(line.c_str() + kRepeated.size()) >= kEndless;
}

}  // namespace

std::string innermost_place(const std::string& stacks) {
  std::istringstream lines(stacks);
  std::string innermost;
  std::string last;
  for (std::string line; std::getline(lines, line);) {
    const std::string place = place_in(line);
    if (innermost.empty()) {
      innermost = place;
    } else if (place.empty()) {
      return is_endless(line) ? last : innermost;
    }
    last = place;
  }
  return innermost;
}

std::string place_within(const std::string& stacks, const std::string& function) {
  std::istringstream lines(stacks);
  std::string innermost;  // of the thread whose lines are being read
  std::string found;
  int threads = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::string place = place_in(line);
    if (place.empty()) {
      innermost.clear();
      continue;
    }
    if (innermost.empty()) innermost = place;
    if (line.find(' ' + function + "  ") == std::string::npos) continue;
    ++threads;
    found = innermost;
  }
  return threads == 1 ? found : "";
}

std::string definition_of(const std::string& program, const std::string& function) {
  if (function.empty()) return "";
  const Deadline deadline = Deadline::after_ms(kToolLimitMs);
  const CommandResult symbols = run_command({"nm", "-C", "--defined-only", program}, deadline);
  std::istringstream lines(symbols.out);
  for (std::string line; std::getline(lines, line);) {
    // An address, a letter for what it is, and the name. A C++ function's name is followed by its
    // arguments, or by the mark of an ABI ([abi:cxx11]); main's is not.
    const std::string address = line.substr(0, line.find(' '));
    const std::size_t begin = address.size() + 3;
    if (line.compare(std::min(begin, line.size()), function.size(), function) != 0) continue;
    const std::size_t end = begin + function.size();
    if (end != line.size() && line[end] != '(' && line[end] != '[') continue;
    std::string place = run_command({"addr2line", "-e", program, address}, deadline).out;
    place = place.substr(0, place.find_first_of(" \n"));
    return place.rfind("??", 0) == 0 ? "" : place;
  }
  return "";
}

}  // namespace kit
