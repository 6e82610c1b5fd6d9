// A stage for tests of the whole program: a workspace with one lab of two steps, and a Bazel that
// says what the test wants said (testdata/fake_bazel.sh).
//
// Ownership: a Stage owns its folder. Thread-safety: one at a time; it sets the environment.
#ifndef GRADER_GRADE_PROGRAM_STAGE_H_
#define GRADER_GRADE_PROGRAM_STAGE_H_

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "grader/grade/files.h"
#include "grader/grade/process.h"
#include "grader/harness/deadline.h"

namespace kit::grade {

namespace fs = std::filesystem;
using Json = nlohmann::json;

inline std::string content(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Until the file holds the text, the process has ended, or half a minute is over.
inline void wait_for_text(const fs::path& file, const std::string& text, Process& process) {
  const Deadline deadline = Deadline::after_ms(30'000);
  pollfd ended = {process.exit_fd(), POLLIN, 0};
  while (!contains(content(file), text) && !deadline.expired()) {
    if (poll(&ended, 1, /*timeout=*/10) != 0) return;
  }
}

// Whether a file comes to be within half a minute.
inline bool comes(const fs::path& file) {
  const Deadline deadline = Deadline::after_ms(30'000);
  while (!fs::exists(file) && !deadline.expired()) poll(nullptr, 0, /*timeout=*/10);
  return fs::exists(file);
}

struct Ended {
  int exit = 0;
  std::string out;
  std::string err;
};

// A workspace with one lab of two steps, and a Bazel that is told what to say.
class Stage {
 public:
  Stage() {
    fs::create_directories(root() / "grader/toy");
    write("grader/labs.txt", "grader/toy/manifest.json\n");
    write("grader/toy/manifest.json", manifest().dump());
    write("log", "");
    write("events", R"({"id":{"started":{}},"started":{}})"
                    "\n" +
                        Json({{"id", {{"workspace", Json::object()}}},
                              {"workspaceInfo", {{"localExecRoot", root().string()}}}})
                            .dump() +
                        "\n");
    write("exit", "0");
    set_environment();
  }

  fs::path root() const { return folder_.path(); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(root() / name) << text;
  }

  void append_event(const Json& event) const {
    std::ofstream(root() / "events", std::ios::app) << event.dump() << "\n";
  }

  // A target that was built, with a file of the given name and text.
  void say_built(const std::string& target, const std::string& name,
                 const std::string& text) const {
    write(name, text);
    append_event(
        {{"id", {{"namedSet", {{"id", name}}}}},
         {"namedSetOfFiles", {{"files", {{{"uri", "file://" + (root() / name).string()}}}}}}});
    append_event({{"id", {{"targetCompleted", {{"label", target}}}}},
                  {"completed",
                   {{"success", true},
                    {"outputGroup", {{{"name", "default"}, {"fileSets", {{{"id", name}}}}}}}}}});
  }

  void say_findings(int step, const std::string& status) const {
    say_findings(target(step), step, status);
  }

  void say_findings(const std::string& target, int step, const std::string& status) const {
    const std::string number = std::to_string(step);
    const Json set = {{"format", 1},
                      {"lab", "toy"},
                      {"subject", "//labs/toy"},
                      {"step", step},
                      {"mode", "plain"},
                      {"isolation", "own network"},
                      {"findings",
                       {{{"check", "Toy.Step" + number},
                         {"status", status},
                         {"seconds", 0.5},
                         {"seed", 7},
                         {"observed", status == "passed" ? "" : "It was wrong."}}}}};
    say_built(target, "step" + number + ".findings.json", set.dump());
  }

  // A step that does not compile, with the compiler's words.
  void say_not_built(int step, const std::string& error) const {
    write("stderr", error);
    const Json id = {{"actionCompleted", {{"primaryOutput", "a.o"}, {"label", "//labs/toy:toy"}}}};
    append_event({{"id", id},
                  {"action",
                   {{"exitCode", 1},
                    {"type", "CppCompile"},
                    {"stderr", {{"uri", "file://" + (root() / "stderr").string()}}}}}});
    append_event({{"id", {{"targetCompleted", {{"label", target(step)}}}}},
                  {"children", {id}},
                  {"completed", Json::object()}});
    write("exit", "1");
  }

  Process start(const std::vector<std::string>& arguments) const {
    // Its temporary files are within the stage: one that is killed leaves them.
    std::vector<std::string> argv = {"/usr/bin/env", "TMPDIR=" + root().string(),
                                     "grader/grade/grade", "--manifests",
                                     (root() / "grader/labs.txt").string()};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    const UniqueFd out = create("out");
    const UniqueFd err = create("err");
    SpawnOptions options;
    options.stdout_fd = out.get();
    options.stderr_fd = err.get();
    return Process::start(argv, options);
  }

  Ended run(const std::vector<std::string>& arguments) const {
    Process process = start(arguments);
    const int exit = process.wait();
    return {exit, content(root() / "out"), content(root() / "err")};
  }

 private:
  static std::string target(int step) {
    return "//grader/toy:lab_step" + std::to_string(step) + "_plain";
  }

  static Json manifest() {
    Json steps = Json::array();
    for (int step : {1, 2}) {
      const std::string number = std::to_string(step);
      steps.push_back({{"number", step},
                       {"title", "Part " + number},
                       {"files", {"toy.cc"}},
                       {"anchor", "docs/labs/toy.md#step-" + number},
                       {"modes", {"plain"}},
                       {"checks", {{{"name", "Toy.Step" + number}, {"points", {{"plain", 2}}}}}}});
    }
    return {{"format", 1}, {"lab", "toy"}, {"title", "A toy"}, {"page", "p"}, {"steps", steps}};
  }

  void set_environment() const {
    setenv("BUILD_WORKSPACE_DIRECTORY", root().c_str(), 1);
    setenv("BUILD_WORKING_DIRECTORY", root().c_str(), 1);
    setenv("FAKE_BAZEL_DIR", root().c_str(), 1);
    setenv("BAZEL", fs::absolute("grader/grade/testdata/fake_bazel.sh").c_str(), 1);
  }

  UniqueFd create(const std::string& name) const {
    write(name, "");
    return UniqueFd(open((root() / name).c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  }

  TempDir folder_;
};

}  // namespace kit::grade

#endif  // GRADER_GRADE_PROGRAM_STAGE_H_
