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

#include "grader/grade/errors.h"
#include "grader/grade/files.h"
#include "grader/grade/grading.h"
#include "grader/grade/options.h"
#include "grader/grade/report.h"
#include "grader/grade/reproduce.h"
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

// Where the person stood who typed the command; the program itself stands elsewhere.
std::filesystem::path output_path(const std::string& file) {
  const char* here = std::getenv("BUILD_WORKING_DIRECTORY");
  return std::filesystem::path(here != nullptr ? here : ".") / file;
}

void hand_over(const Options& options, const Grade& grade) {
  const Terminal out = find_terminal(STDOUT_FILENO);
  if (options.output.empty()) {
    write_all(STDOUT_FILENO, make_report(options.format, grade, {out.width, out.has_colour}),
              "standard output");
    return;
  }
  const std::filesystem::path file = output_path(options.output);
  write_whole_file(file, make_report(options.format, grade, {}));
  std::fprintf(stderr, "%s; the report is in %s\n", sum_line(grade).c_str(), file.c_str());
}

int grade_status(const Options& options, const Grade& grade) {
  if (grade.was_interrupted || grade.count_not_gradable() > 0) return kExitGraderFailed;
  if (options.min_score && grade.percent() + kEpsilon < *options.min_score)
    return kExitBelowMinimum;
  return kExitGraded;
}

int run_grade_command(const Options& options, const Bazel& bazel, const Manifest& manifest) {
  const Subject subject = subject_of_label(manifest, options.subject);
  const GradeRequest request{manifest, subject, plan_jobs(manifest, subject, options.selection)};
  SignalWatch signals({SIGINT, SIGTERM, SIGHUP});
  Progress progress(find_terminal(STDERR_FILENO));
  progress.say(
      fmt::format("Grading {}: {} runs of checks. The first time, Bazel also builds the checks.",
                  subject.label, request.jobs.size()));
  const Grade grade = run_grade(bazel, request, signals, progress).grade;
  hand_over(options, grade);
  return grade_status(options, grade);
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
    return run_reproduce(find_bazel(argv0), labs, options.token, options.has_gdb);
  }
  const Manifest& manifest = find_lab(labs, options.lab);
  const Bazel bazel = find_bazel(argv0);
  if (options.command == Command::kWatch) return run_watch(bazel, manifest);
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
