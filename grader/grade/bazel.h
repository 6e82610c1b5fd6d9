// One `bazel build`, watched while it runs.
//
// `bazel run` has let go of Bazel's server by the time this program runs, so that it can call Bazel
// itself. The build gets a process group of its own: Ctrl-C on the terminal reaches us alone, and
// we pass one SIGINT on, upon which Bazel stops its actions and ends; three would kill its server.
//
// Nothing here changes a build option, which would make Bazel forget what it has analysed.
//
// Thread-safety: one thread. Errors: GraderError when Bazel cannot be started. A build that fails
// is a result. Source: bazel.build/remote/bep, and facts measured with 4.2.3 (the stream's file is
// flushed at least four times a second).
#ifndef GRADER_GRADE_BAZEL_H_
#define GRADER_GRADE_BAZEL_H_

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "grader/grade/bep.h"
#include "grader/grade/process.h"

namespace kit::grade {

struct Bazel {
  std::vector<std::string> command;  // the program and its startup options
  std::filesystem::path workspace;
  std::vector<std::string> options = {};  // further ones of `bazel build`
};

// Bazel as this program was started by it. `argv0` is the program's own path: it tells in which
// output base Bazel runs, so that a second server is not started for the same workspace. BAZEL in
// the environment names another program. Throws GraderError when not started by `bazel run`.
Bazel find_bazel(const std::string& argv0);

struct BuildHooks {
  // Each target as it is done.
  std::function<void(const TargetOutcome&)> on_target = [](const TargetOutcome&) {};
  // A few times a second. `notice` is what a person should know, such as that Bazel waits for
  // another Bazel; mostly empty.
  std::function<void(const std::string& notice)> on_tick = [](const std::string&) {};
  // When `wake_fd` is readable, is_outdated() says whether the build is of no use any more.
  int wake_fd = -1;
  std::function<bool()> is_outdated = [] { return false; };
};

struct BuildResult {
  int exit_code = 0;
  bool was_interrupted = false;  // by one of `signals`
  bool was_outdated = false;     // ended because is_outdated() said so
  std::string log;               // what Bazel wrote for a person (the end of it)
  std::string exec_root;
  std::string bazel_version;  // empty where Bazel does not know its own
};

BuildResult build(const Bazel& bazel, const std::vector<std::string>& targets, SignalWatch& signals,
                  const BuildHooks& hooks);

}  // namespace kit::grade

#endif  // GRADER_GRADE_BAZEL_H_
