#include "grader/grade/options.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "grader/grade/errors.h"
#include "grader/grade/report.h"

namespace kit::grade {
namespace {

constexpr const char* kFooter =
    "Exit status: 0 graded, 1 below --min-score, 2 wrong usage, 3 the grader could not do its work "
    "(Ctrl-C during a grade included).";

void add_list(CLI::App& app, Options& options) {
  CLI::App* list = app.add_subcommand("list", "The labs, their steps and points");
  list->callback([&options] { options.command = Command::kList; });
}

constexpr const char* kSubmissionHelp =
    "What somebody handed in: a folder, .zip, .tar.gz or .tar. It is built and run in a sandbox";

void add_checks(CLI::App& command, Options& options) {
  command.add_option("--checks", options.checks,
                     "A folder of your own checks, which go with the lab's or take their place");
}

// A class may have a seed of its own: then no list of answers that somebody published fits.
void add_seed(CLI::App& command, Options& options) {
  command.add_option("--seed", options.seed, "What the checks' random scenarios come from (1)");
}

void add_grade(CLI::App& app, Options& options) {
  CLI::App* grade = app.add_subcommand("grade", "Runs a lab's checks and reports");
  grade->add_option("LAB", options.lab, "The lab's name")->required();
  CLI::Option* subject =
      grade->add_option("--subject", options.subject,
                        "The code to grade: //labs/LAB (the default), //solutions/LAB or "
                        "@subjects//LAB/MUTANT");
  grade->add_option("--submission", options.submission, kSubmissionHelp)->excludes(subject);
  add_checks(*grade, options);
  grade->add_flag("--require-sandbox", options.requires_sandbox,
                  "With --submission: do not grade where the sandbox lacks something");
  grade->add_option("--step", options.selection.step, "Only this step");
  grade->add_option("--mode", options.selection.mode, "Only this mode: plain, asan, tsan, ...");
  grade->add_option("--format", options.format, "How to report")
      ->check(CLI::IsMember(report_formats()))
      ->capture_default_str();
  CLI::Option* output =
      grade->add_option("--output", options.output, "Write the report to this file");
  grade
      ->add_flag("--as-it-comes", options.is_as_it_comes,
                 "Write it anew after each run of checks: what is there when time runs out counts")
      ->needs(output);
  grade
      ->add_option("--min-score", options.min_score,
                   "Exit with 1 when the score is below this many percent")
      ->check(CLI::Range(0.0, 100.0));
  add_seed(*grade, options);
  grade->callback([&options] { options.command = Command::kGrade; });
}

void add_watch(CLI::App& app, Options& options) {
  CLI::App* watch = app.add_subcommand("watch", "Grades the first unfinished step on every save");
  watch->add_option("LAB", options.lab, "The lab's name")->required();
  watch->callback([&options] { options.command = Command::kWatch; });
}

void add_reproduce(CLI::App& app, Options& options) {
  CLI::App* reproduce = app.add_subcommand("reproduce", "Runs the check of one finding again");
  reproduce->add_option("TOKEN", options.token, "As the report gives it")->required();
  CLI::Option* submission =
      reproduce->add_option("--submission", options.submission, kSubmissionHelp);
  add_checks(*reproduce, options);
  reproduce->add_flag("--gdb", options.has_gdb, "Under the debugger")->excludes(submission);
  reproduce->callback([&options] { options.command = Command::kReproduce; });
}

// A command that makes one archive.
CLI::App& add_archive(CLI::App& app, Options& options, Command command, const char* name,
                      const char* ending, const char* help) {
  CLI::App* made = app.add_subcommand(name, help);
  made->add_option("LAB", options.lab, "The lab's name")->required();
  made->add_option("--output", options.output, std::string("The archive, FILE") + ending)
      ->required();
  made->callback([&options, command] { options.command = command; });
  return *made;
}

void add_class(CLI::App& app, Options& options) {
  CLI::App* all = app.add_subcommand("class", "Grades every submission in a folder");
  all->add_option("LAB", options.lab, "The lab's name")->required();
  all->add_option("DIR", options.folder, "Folders and archives, one for each student")->required();
  all->add_option("--output", options.output, "The folder of the results; DIR-grades otherwise");
  add_checks(*all, options);
  all->add_option("--rules", options.rules, "A JSON file with late days and weights");
  all->add_flag("--require-sandbox", options.requires_sandbox,
                "Do not grade where the sandbox lacks something");
  add_seed(*all, options);
  all->callback([&options] { options.command = Command::kClass; });
}

// "list, grade, watch, reproduce"
std::string command_names(const CLI::App& app) {
  std::string names;
  for (const CLI::App* command : app.get_subcommands({})) {
    names += (names.empty() ? "" : ", ") + command->get_name();
  }
  return names;
}

// For a call that names no command that there is.
std::string without_command(const CLI::App& app) {
  const std::vector<std::string> words = app.remaining();
  const std::string names = command_names(app);
  if (words.empty()) return "say what to do: " + names;
  return "'" + words.front() + "' is no command; the commands are: " + names;
}

int explain(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) {
    std::fputs(app.help("", CLI::AppFormatMode::Normal).c_str(), stdout);
    return kExitGraded;
  }
  const bool has_command = !app.get_subcommands().empty();
  const std::string what = has_command ? error.what() : without_command(app);
  std::fprintf(stderr, "grader: %s\nTry `bazel run //grader -- --help`.\n", what.c_str());
  return kExitUsage;
}

}  // namespace

std::variant<Options, int> parse_options(int argc, const char* const* argv) {
  Options options;
  CLI::App app("Grades the labs of this kit.", "bazel run //grader --");
  app.require_subcommand(1);
  app.footer(kFooter);
  app.add_option("--manifests", options.manifests, "A file that names the labs' manifests");
  add_list(app, options);
  add_grade(app, options);
  add_watch(app, options);
  add_reproduce(app, options);
  add_class(app, options);
  add_archive(app, options, Command::kPack, "pack", ".tar.gz", "What a student hands in");
  add_archive(app, options, Command::kHandout, "handout", ".tar.gz", "What students get of a lab");
  add_checks(add_archive(app, options, Command::kAutograder, "autograder", ".zip",
                         "A Gradescope autograder"),
             options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return explain(app, error);
  }
  return options;
}

}  // namespace kit::grade
