#include "grader/grade/environment.h"

#include <sched.h>
#include <sys/utsname.h>
#include <time.h>

#include <array>

#include "grader/grade/process.h"

namespace kit::grade {
namespace {

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string time_now() {
  const time_t now = time(nullptr);
  tm parts = {};
  std::array<char, 32> text;
  if (gmtime_r(&now, &parts) == nullptr) return "";
  return {text.data(), strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

// The processors that we may use, which a container can make fewer than there are.
std::string cpu_count() {
  cpu_set_t cpus;
  if (sched_getaffinity(0, sizeof cpus, &cpus) != 0) return "";
  return std::to_string(CPU_COUNT(&cpus));
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : "; ") + part;
  return text;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> describe_environment(
    const Bazel& bazel, const std::string& bazel_version,
    const std::vector<std::string>& isolations) {
  utsname system = {};
  if (uname(&system) != 0) system = {};
  std::vector<std::pair<std::string, std::string>> facts = {
      {"kit", capture({"git", "rev-parse", "HEAD"}, bazel.workspace)},
      {"bazel", bazel_version.empty() ? "of a version that it does not tell" : bazel_version},
      {"compiler", first_line(capture({"gcc", "--version"}, ""))},
      {"kernel", std::string(system.sysname) + " " + system.release},
      {"machine", system.machine},
      {"cpus", cpu_count()},
      {"isolation", joined(isolations)},
      {"time", time_now()},
  };
  std::erase_if(facts, [](const auto& fact) { return fact.second.empty(); });
  return facts;
}

}  // namespace kit::grade
