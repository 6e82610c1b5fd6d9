#include "grader/grade/reproduce.h"

#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "grader/grade/build_failure.h"
#include "grader/grade/errors.h"
#include "grader/grade/files.h"
#include "grader/grade/own_checks.h"
#include "grader/grade/paths.h"
#include "grader/grade/plan.h"
#include "grader/grade/progress.h"
#include "grader/grade/subject.h"
#include "grader/grade/submission.h"
#include "grader/harness/render.h"

namespace kit::grade {
namespace {

constexpr int kPassed = 0;
constexpr int kSeenAgain = 1;

void say(const std::string& line) { write_all(STDOUT_FILENO, line + "\n", "standard output"); }

const Step& find_step(const Manifest& manifest, const Token& token) {
  const Step* step = manifest.find_step(token.step);
  if (step == nullptr) {
    throw UsageError("the lab " + manifest.lab + " has no step " + std::to_string(token.step));
  }
  for (const Check& check : step->checks) {
    if (check.name == token.check && check.points.count(token.mode) != 0) return *step;
  }
  throw UsageError("step " + std::to_string(token.step) + " of " + manifest.lab +
                   " has no check '" + token.check + "' in the mode '" + token.mode + "'");
}

struct Built {
  std::optional<TargetOutcome> outcome;
  BuildResult result;
};

Built build_config(const Bazel& bazel, const std::string& target, SignalWatch& signals) {
  Built built;
  Progress progress(find_terminal(STDERR_FILENO));
  BuildHooks hooks;
  hooks.on_target = [&](const TargetOutcome& outcome) { built.outcome = outcome; };
  hooks.on_tick = [&](const std::string& notice) { progress.tick(notice); };
  built.result = build(bazel, {target}, signals, hooks);
  progress.end();
  return built;
}

// What keeps the check from being run at all is its finding.
int show_build_failure(const Built& built, const Token& token, const Step& step,
                       const Subject& subject) {
  if (!built.outcome) {
    throw GraderError("Bazel did not build what is needed for it:\n" + built.result.log);
  }
  if (built.outcome->is_unknown) throw UsageError(built.outcome->message);
  Finding finding = explain_build_failure(*built.outcome, subject, token.lab, built.result.log);
  finding.check = token.check;
  const Terminal out = find_terminal(STDOUT_FILENO);
  say(shown(render_finding(finding, {"", step.anchor, out.width, out.has_colour})));
  return finding.status == Status::kNotBuilt ? kSeenAgain : kExitGraderFailed;
}

std::string config_file(const TargetOutcome& outcome) {
  for (const std::string& file : outcome.files) {
    if (file.ends_with(".config.json")) return file;
  }
  throw GraderError(outcome.label + " left no config");
}

// The driver; that of a submission in its room (grader/submissions/room.cc).
std::vector<std::string> driver_of(const std::string& config, const std::string& exec_root) {
  std::ifstream in(config);
  const auto json = nlohmann::json::parse(in, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("driver") || !json["driver"].is_string()) {
    throw GraderError("the config " + config + " names no driver");
  }
  std::vector<std::string> argv;
  for (const char* part : {"room", "box_init", "driver"}) {
    const std::string program = json.value(part, "");
    if (!program.empty()) argv.push_back(exec_root + "/" + program);
  }
  return argv;
}

// In our own process group, so that a debugger has the terminal; Ctrl-C is then the driver's, and
// `signals`, which holds it back from us, lets us say the last word.
int run_driver(const Token& token, const std::string& config, const std::string& exec_root,
               bool has_gdb) {
  std::vector<std::string> argv = driver_of(config, exec_root);
  argv.insert(argv.end(),
              {"--config", config, "--check", token.check, "--seed", std::to_string(token.seed)});
  if (!token.interleaving.empty()) argv.insert(argv.end(), {"--interleaving", token.interleaving});
  if (has_gdb) argv.push_back("--gdb");
  SpawnOptions options;
  options.cwd = exec_root;
  return Process::start(argv, options).wait();
}

Subject subject_of(const Options& options, const Token& token, const std::filesystem::path& root,
                   Checks& checks) {
  if (options.submission.empty()) return subject_of_word(checks.manifest, token.subject_word);
  for (const std::string& missing : look_at_sandbox(/*is_required=*/false)) {
    say("The sandbox is not whole: " + missing + ".");
  }
  checks.bazel = with_submissions(checks.bazel, root);
  return lay_out_submission(checks.manifest, path_of_person(options.submission), root).subject;
}

int last_word(int exit, const Token& token) {
  const std::string name =
      token.check + ", mode " + token.mode + ", seed " + std::to_string(token.seed);
  if (exit == kPassed) {
    say("\n" + name + ": passed this time.");
    return kPassed;
  }
  if (exit == kSeenAgain) {
    say("\n" + name + ": failed again.");
    return kSeenAgain;
  }
  say("\n" + name + ": no verdict; the driver ended with exit status " + std::to_string(exit) +
      ".");
  return kExitGraderFailed;
}

}  // namespace

int run_reproduce(const Bazel& bazel, const std::vector<Manifest>& labs, const Options& options) {
  const Token token = parse_token(options.token);
  SignalWatch signals({SIGINT, SIGTERM, SIGHUP});
  Checks checks = chosen_checks(options, bazel, find_lab(labs, token.lab), signals);
  const Step& step = find_step(checks.manifest, token);
  const TempDir root;
  const Subject subject = subject_of(options, token, root.path(), checks);
  const std::string target = job_target(subject, token.step, token.mode) + "_config";
  const Built built = build_config(checks.bazel, target, signals);
  if (built.result.was_interrupted) throw GraderError("ended before the check could be run");
  if (!built.outcome || !built.outcome->is_built) {
    return show_build_failure(built, token, step, subject);
  }
  const std::string config = config_file(*built.outcome);
  return last_word(run_driver(token, config, built.result.exec_root, options.has_gdb), token);
}

}  // namespace kit::grade
