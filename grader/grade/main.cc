// The command line of the kit: bazel run //grader -- list | grade | watch | reproduce.
//
// This file only says which part does what; options.h has the arguments.

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>

#include "grader/grade/commands.h"
#include "grader/grade/errors.h"
#include "grader/grade/files.h"
#include "grader/grade/grading.h"
#include "grader/grade/options.h"
#include "grader/grade/own_checks.h"
#include "grader/grade/paths.h"
#include "grader/grade/report.h"
#include "grader/grade/reproduce.h"
#include "grader/grade/submission.h"
#include "grader/grade/watch.h"

namespace kit::grade {
namespace {

// Rounding must not decide about somebody's 80 %.
constexpr double kEpsilon = 1e-9;

std::string list_text(const std::vector<Manifest>& labs) {
  std::string out;
  for (const Manifest& lab : labs) {
    if (lab.is_internal) continue;
    out += fmt::format("{}: {} ({} points, {})\n", lab.lab, lab.title, points_text(max_points(lab)),
                       lab.page);
    for (const Step& step : lab.steps) {
      out += fmt::format("  {}  {} ({} points)\n", step.number, step.title,
                         points_text(max_points(step)));
    }
  }
  return out;
}

void hand_over(const Options& options, const Grade& grade) {
  const Terminal out = find_terminal(STDOUT_FILENO);
  if (options.output.empty()) {
    write_all(STDOUT_FILENO, make_report(options.format, grade, {out.width, out.has_colour}),
              "standard output");
    return;
  }
  const std::filesystem::path file = path_of_person(options.output);
  write_whole_file(file, make_report(options.format, grade, {}));
  std::fprintf(stderr, "%s; the report is in %s\n", sum_line(grade).c_str(), file.c_str());
}

// What a file or folder is called: "bob" for "bob/" too.
std::string name_of(const std::filesystem::path& path) {
  const std::filesystem::path plain = path.lexically_normal();
  return (plain.has_filename() ? plain : plain.parent_path()).filename();
}

int grade_status(const Options& options, const Grade& grade) {
  if (grade.was_interrupted || grade.count_not_gradable() > 0) return kExitGraderFailed;
  if (options.min_score && grade.percent() + kEpsilon < *options.min_score)
    return kExitBelowMinimum;
  return kExitGraded;
}

Grade grade_one(const Options& options, const Checks& checks, const Subject& subject,
                const std::string& shown_name, SignalWatch& signals) {
  const auto& [bazel, manifest] = checks;
  GradeRequest request{manifest, subject, plan_jobs(manifest, subject, options.selection), {}};
  if (options.is_as_it_comes) {
    request.on_partial = [&](const Grade& grade) {
      write_whole_file(path_of_person(options.output), make_report(options.format, grade, {}));
    };
  }
  Progress progress(find_terminal(STDERR_FILENO));
  progress.say(
      fmt::format("Grading {}: {} runs of checks. The first time, Bazel also builds the checks.",
                  shown_name, request.jobs.size()));
  return run_grade(bazel, request, signals, progress).grade;
}

Grade grade_submission(const Options& options, Checks checks, SignalWatch& signals) {
  const std::vector<std::string> missing = look_at_sandbox(options.requires_sandbox);
  for (const std::string& one : missing) {
    std::fprintf(stderr, "The sandbox is not whole: %s.\n", one.c_str());
  }
  const TempDir root;
  const std::string shown_name = printable_name(name_of(path_of_person(options.submission)));
  const LaidOut laid_out =
      lay_out_submission(checks.manifest, path_of_person(options.submission), root.path());
  std::fputs(describe(laid_out.taken).c_str(), stderr);
  checks.bazel = with_submissions(checks.bazel, root.path());
  Grade grade = grade_one(options, checks, laid_out.subject, shown_name, signals);
  add_submission_facts(grade, laid_out, shown_name, missing);
  return grade;
}

int run_grade_command(const Options& options, const Bazel& bazel, const Manifest& manifest) {
  if (!options.output.empty()) require_writable(path_of_person(options.output));
  SignalWatch signals({SIGINT, SIGTERM, SIGHUP});
  const Checks checks = chosen_checks(options, bazel, manifest, signals);
  Grade grade;
  if (!options.submission.empty()) {
    grade = grade_submission(options, checks, signals);
  } else {
    const Subject subject = subject_of_label(checks.manifest, options.subject);
    grade = grade_one(options, checks, subject, subject.label, signals);
  }
  hand_over(options, grade);
  return grade_status(options, grade);
}

Bazel bazel_for(const Options& options, const std::string& argv0) {
  Bazel bazel = find_bazel(argv0);
  if (options.seed) bazel.options.push_back("--define=kit_seed=" + std::to_string(*options.seed));
  return bazel;
}

int run(const Options& options, const std::string& argv0) {
  const std::vector<Manifest> labs =
      read_manifests(options.manifests.empty() ? find_manifest_list(argv0)
                                               : std::filesystem::path(options.manifests));
  if (options.command == Command::kList) {
    write_all(STDOUT_FILENO, list_text(labs), "standard output");
    return kExitGraded;
  }
  if (options.command == Command::kReproduce) {
    return run_reproduce(find_bazel(argv0), labs, options);
  }
  const Manifest& manifest = find_lab(labs, options.lab);
  const Bazel bazel = bazel_for(options, argv0);
  if (options.command == Command::kWatch) return run_watch(bazel, manifest);
  if (options.command == Command::kPack) return run_pack(options, bazel, manifest);
  if (options.command == Command::kHandout) return run_handout(options, bazel, manifest);
  if (options.command == Command::kAutograder) return run_autograder(options, bazel, manifest);
  if (options.command == Command::kClass) return run_class_of(options, bazel, manifest);
  return run_grade_command(options, bazel, manifest);
}

int guarded_main(int argc, char** argv) try {
  const auto options = parse_options(argc, argv);
  if (const int* status = std::get_if<int>(&options)) return *status;
  return run(std::get<Options>(options), argv[0]);
} catch (const UsageError& error) {
  std::fprintf(stderr, "grader: %s\n", error.what());
  return kExitUsage;
} catch (const std::exception& error) {
  std::fprintf(stderr, "grader: %s\n", error.what());
  return kExitGraderFailed;
}

}  // namespace
}  // namespace kit::grade

int main(int argc, char** argv) {
  // A reader that goes away is an error of write(2), not our death.
  signal(SIGPIPE, SIG_IGN);
  return kit::grade::guarded_main(argc, argv);
}
