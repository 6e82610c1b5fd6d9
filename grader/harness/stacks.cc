#include "grader/harness/stacks.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <string_view>
#include <vector>

#include "grader/harness/command.h"
#include "grader/harness/function_name.h"

namespace kit {
namespace {

constexpr int kToolLimitMs = 10'000;

struct Frame {
  std::string function;
  std::string place;  // "file:line", or empty
};
using Stack = std::vector<Frame>;

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

std::vector<Stack> parse(const std::string& text) {
  std::vector<Stack> stacks;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("TID ", 0) == 0) {
      stacks.emplace_back();
    } else if (stacks.empty()) {
      continue;
    } else if (line.rfind('#', 0) == 0) {
      stacks.back().push_back({function_of(line), ""});
    } else if (!stacks.back().empty()) {
      stacks.back().back().place = place_of(line);
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
std::string waiting_in(const Stack& stack) {
  static constexpr std::array<std::string_view, 6> kInside = {"futex", "lll_", "internal_", "clone",
                                                              "syscall", "kill"};
  for (const Frame& frame : stack) {
    std::string name = frame.function.substr(0, frame.function.find_first_of("(<"));
    if (name.rfind("__GI_", 0) == 0) name.erase(0, 5);
    name.erase(0, std::min(name.find_first_not_of('_'), name.size()));
    name = name.substr(0, name.find('@'));
    const bool is_inside = std::any_of(kInside.begin(), kInside.end(), [&](std::string_view prefix) {
      return name.rfind(prefix, 0) == 0 || name.find("futex") != std::string::npos;
    });
    if (!name.empty() && !is_inside) return public_name(name);
  }
  return "unknown code";
}

bool is_own(const Frame& frame, const std::string& package) {
  return frame.place.find(package + "/") != std::string::npos;
}

std::string render_stack(const Stack& stack, const std::string& package) {
  const bool is_at_work = !stack.empty() && is_own(stack.front(), package);
  std::string out = is_at_work ? "is at work\n" : "waits in " + waiting_in(stack) + '\n';
  for (const Frame& frame : stack) {
    if (!is_own(frame, package)) continue;
    out += "    " + short_function_name(frame.function) + "  " + frame.place + '\n';
  }
  return out;
}

}  // namespace

std::string take_stacks(pid_t pid, const std::string& package) {
  const CommandResult result = run_command({"eu-stack", "-i", "-s", "-p", std::to_string(pid)},
                                           Deadline::after_ms(kToolLimitMs));
  const std::vector<Stack> stacks = parse(result.out);
  if (stacks.empty()) return "The stacks of the process could not be taken: " + result.err;
  std::string out;
  int number = 0;
  for (const Stack& stack : stacks) {
    out += "thread " + std::to_string(++number) + ' ' + render_stack(stack, package);
  }
  return out;
}

std::string innermost_place(const std::string& stacks) {
  std::istringstream lines(stacks);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("    ", 0) == 0) return line.substr(line.rfind(' ') + 1);
  }
  return "";
}

std::string definition_of(const std::string& program, const std::string& function) {
  if (function.empty()) return "";
  const Deadline deadline = Deadline::after_ms(kToolLimitMs);
  const CommandResult symbols = run_command({"nm", "-C", "--defined-only", program}, deadline);
  std::istringstream lines(symbols.out);
  for (std::string line; std::getline(lines, line);) {
    // A C++ function's name is followed by its arguments; main's is not.
    const std::size_t at = line.find(' ' + function);
    const std::size_t end = at == std::string::npos ? 0 : at + 1 + function.size();
    if (end == 0 || (end != line.size() && line[end] != '(')) continue;
    const std::string address = line.substr(0, line.find(' '));
    std::string place = run_command({"addr2line", "-e", program, address}, deadline).out;
    place = place.substr(0, place.find_first_of(" \n"));
    return place.rfind("??", 0) == 0 ? "" : place;
  }
  return "";
}

}  // namespace kit
